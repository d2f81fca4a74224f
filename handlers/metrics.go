package handlers

import (
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"sarangbang/db"
)

// Metrics are the metrics of the process, of commits of posts, and of the collectors that Register
// adds, for Prometheus. They are served at an address of their own, since they are for the operator
// alone.
type Metrics struct {
	registry *prometheus.Registry
	posts    prometheus.Histogram
	seconds  prometheus.Histogram
	failed   prometheus.Counter
}

// NewMetrics returns metrics whose counts are zero.
func NewMetrics() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		posts: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sarangbang_commit_posts", Help: "Posts committed together.", Buckets: prometheus.ExponentialBuckets(1, 2, 9),
		}),
		seconds: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "sarangbang_commit_seconds", Help: "Time a commit of posts took, until it was durable.",
			Buckets: prometheus.ExponentialBuckets(0.0001, 2.5, 12),
		}),
		failed: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "sarangbang_commits_failed_total", Help: "Commits of posts that failed.",
		}),
	}
	process := collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})
	m.Register(collectors.NewGoCollector(), process, m.posts, m.seconds, m.failed)
	return m
}

// Register adds collectors. It panics for a metric that is registered already.
func (m *Metrics) Register(c ...prometheus.Collector) { m.registry.MustRegister(c...) }

// ObservePosts counts a commit of posts; see db.Options.
func (m *Metrics) ObservePosts(c db.PostCommit) {
	if c.Err != nil {
		m.failed.Inc()
		return
	}
	m.posts.Observe(float64(c.Posts))
	m.seconds.Observe(c.Took.Seconds())
}

// ServeHTTP answers GET /metrics in the text format of Prometheus.
func (m *Metrics) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/metrics" {
		http.NotFound(w, r)
		return
	}
	promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}).ServeHTTP(w, r)
}

// Listen serves the metrics at an address until stop is called.
func (m *Metrics) Listen(addr string, log *slog.Logger) (stop func() error, err error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	server := &http.Server{
		Handler: m, ReadTimeout: scrapeWithin, WriteTimeout: scrapeWithin,
		ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	go server.Serve(listener)
	return server.Close, nil
}

// scrapeWithin bounds the time for a request, and the time for its answer.
const scrapeWithin = 10 * time.Second
