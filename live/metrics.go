package live

import (
	"github.com/prometheus/client_golang/prometheus"
)

// metrics are what the hub counts for Prometheus. Names and labels are an interface for operators:
// they stay, whatever things are called inside.
type metrics struct {
	hub        *Hub
	deliveries prometheus.Counter
	waiting    prometheus.Gauge
	refused    prometheus.Counter
	caughtUp   prometheus.Histogram
	notices    [noticeClasses]prometheus.Counter
	ended      [endings]prometheus.Counter
	all        []prometheus.Collector

	streams, rooms *prometheus.Desc
}

func newMetrics(h *Hub) *metrics {
	m := &metrics{
		hub: h,
		deliveries: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sarangbang_deliveries_total", Help: "Frames given to streams, one for each stream.",
		}),
		waiting: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "sarangbang_queue_bytes", Help: "Bytes that wait for readers who have not taken them yet.",
		}),
		refused: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sarangbang_streams_refused_total", Help: "Streams refused because a user or the process had too many.",
		}),
		caughtUp: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sarangbang_catch_up_changes", Help: "Changes in a page read for readers that came back.",
			Buckets: prometheus.ExponentialBuckets(1, 4, 5),
		}),
		streams: prometheus.NewDesc("sarangbang_streams", "Open streams.", nil, nil),
		rooms:   prometheus.NewDesc("sarangbang_rooms_read", "Rooms somebody reads here.", nil, nil),
	}
	notices := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sarangbang_notices_total", Help: "Notices of changes in rooms read here, by what became of them.",
	}, []string{"fate"})
	for f := range noticeClasses {
		m.notices[f] = notices.WithLabelValues(f.String())
	}
	ended := prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "sarangbang_streams_ended_total", Help: "Streams that ended, by cause.",
	}, []string{"cause"})
	for e := disconnected; e < endings; e++ {
		m.ended[e] = ended.WithLabelValues(e.String())
	}
	m.all = []prometheus.Collector{m.deliveries, m.waiting, m.refused, m.caughtUp, notices, ended}
	return m
}

// Metrics returns what the hub counts, to be registered with Prometheus.
func (h *Hub) Metrics() prometheus.Collector { return h.metrics }

// Describe implements prometheus.Collector.
func (m *metrics) Describe(to chan<- *prometheus.Desc) {
	for _, c := range m.all {
		c.Describe(to)
	}
	to <- m.streams
	to <- m.rooms
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(to chan<- prometheus.Metric) {
	for _, c := range m.all {
		c.Collect(to)
	}
	streams, rooms := m.hub.size()
	to <- prometheus.MustNewConstMetric(m.streams, prometheus.GaugeValue, float64(streams))
	to <- prometheus.MustNewConstMetric(m.rooms, prometheus.GaugeValue, float64(rooms))
}
