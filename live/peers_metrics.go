package live

import "github.com/prometheus/client_golang/prometheus"

// busMetrics collects the Stats of a bus and the delay of received messages.
type busMetrics struct {
	bus Bus
	lag prometheus.Histogram
}

func newBusMetrics(b Bus) busMetrics {
	return busMetrics{b, prometheus.NewHistogram(prometheus.HistogramOpts{
		Name:    "sarangbang_bus_lag_seconds",
		Help:    "How long messages of other processes took, by the clocks of both.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 4, 8),
	})}
}

var (
	busPublished = prometheus.NewDesc("sarangbang_bus_published_total", "Messages for the other processes.", nil, nil)
	busDropped   = prometheus.NewDesc("sarangbang_bus_dropped_total", "Of those, messages that were not sent.", nil, nil)
	busReceived  = prometheus.NewDesc("sarangbang_bus_received_total", "Messages of other processes.", nil, nil)
	busMissed    = prometheus.NewDesc("sarangbang_bus_missed_total", "How often messages may have been missed.", nil, nil)
)

// Describe implements prometheus.Collector.
func (m busMetrics) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, to) }

// Collect implements prometheus.Collector.
func (m busMetrics) Collect(to chan<- prometheus.Metric) {
	s := m.bus.Stats()
	for desc, n := range map[*prometheus.Desc]int64{
		busPublished: s.Published, busDropped: s.Dropped, busReceived: s.Received, busMissed: s.Missed,
	} {
		to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n))
	}
	m.lag.Collect(to)
}
