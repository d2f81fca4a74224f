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

// Metrics are what Prometheus is told: of the process, of commits, and of what is registered besides. They have a server of their own,
// since what they tell is for the operator alone.
type Metrics struct {
	registry *prometheus.Registry
	posts    prometheus.Histogram
	seconds  prometheus.Histogram
	failed   prometheus.Counter
}

// NewMetrics makes metrics without a count yet.
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
	m.Register(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), m.posts, m.seconds, m.failed)
	return m
}

// Register adds what somebody else counts. Two collectors of the same are an error of the program: it panics.
func (m *Metrics) Register(c ...prometheus.Collector) { m.registry.MustRegister(c...) }

// ObservePosts counts a commit, see db.Options.
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

// Listen answers at an address, until stop is called.
func (m *Metrics) Listen(addr string, log *slog.Logger) (stop func() error, err error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	server := &http.Server{
		Handler: m, ReadTimeout: scrapeWithin, WriteTimeout: scrapeWithin, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	go server.Serve(listener)
	return server.Close, nil
}

// scrapeWithin bounds how long it may take to ask, and to be answered.
const scrapeWithin = 10 * time.Second
