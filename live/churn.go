package live

import "time"

const (
	// churnStreams is how many streams open or end until the hub reports churn.
	churnStreams = 1000
	// churnQuiet is how long none does until the churn is over.
	churnQuiet = 500 * time.Millisecond
)

// churn counts streams that open or end; Hub.mu guards it.
type churn struct {
	streams int // since the last churn was over
	busy    bool
}

// countChurnLocked counts one stream that opened or ended.
func (h *Hub) countChurnLocked() {
	h.churn.streams++
	if h.onChurn != nil && h.churn.streams >= churnStreams && !h.churn.busy && !h.closed {
		h.churn.busy = true
		h.work.Go(h.reportChurn)
	}
}

// reportChurn calls Options.OnChurn when a churn begins and when it is over.
func (h *Hub) reportChurn() {
	h.onChurn(true)
	for seen, streams := 0, -1; seen != streams; {
		select {
		case <-time.After(churnQuiet):
			seen, streams = streams, h.churned()
		case <-h.ctx.Done():
			seen = streams
		}
	}
	h.onChurn(false)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.churn = churn{}
}

// churned returns how many streams opened or ended in the churn so far.
func (h *Hub) churned() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.churn.streams
}
