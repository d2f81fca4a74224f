package live

import "github.com/prometheus/client_golang/prometheus"

// busMetrics are what went over the bus.
type busMetrics struct {
	bus Bus
	lag prometheus.Histogram
}

func newBusMetrics(b Bus) busMetrics {
	return busMetrics{b, prometheus.NewHistogram(prometheus.HistogramOpts{
		Name: "sarangbang_bus_lag_seconds", Help: "How long letters of other processes took, by the clocks of both.",
		Buckets: prometheus.ExponentialBuckets(0.0005, 4, 8),
	})}
}

var (
	lettersPublished = prometheus.NewDesc("sarangbang_bus_published_total", "Letters for the other processes.", nil, nil)
	lettersDropped   = prometheus.NewDesc("sarangbang_bus_dropped_total", "Of those, letters that did not go out.", nil, nil)
	lettersReceived  = prometheus.NewDesc("sarangbang_bus_received_total", "Letters of other processes.", nil, nil)
	lettersMissed    = prometheus.NewDesc("sarangbang_bus_missed_total", "How often letters of others may have been lost.", nil, nil)
)

// Describe implements prometheus.Collector.
func (m busMetrics) Describe(to chan<- *prometheus.Desc) { prometheus.DescribeByCollect(m, to) }

// Collect implements prometheus.Collector.
func (m busMetrics) Collect(to chan<- prometheus.Metric) {
	s := m.bus.Stats()
	for desc, n := range map[*prometheus.Desc]int64{
		lettersPublished: s.Published, lettersDropped: s.Dropped, lettersReceived: s.Received, lettersMissed: s.Missed,
	} {
		to <- prometheus.MustNewConstMetric(desc, prometheus.CounterValue, float64(n))
	}
	m.lag.Collect(to)
}
