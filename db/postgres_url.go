package db

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/uptrace/bun/driver/pgdriver"
)

// errPostgresURL does not quote the URL as url.Parse does, because the password is in it.
var errPostgresURL = errors.New("database URL: this is no postgres:// address " +
	"(has every special character of the password been written as %XX?)")

// postgresOptions returns what a PostgreSQL URL means to libpq (PostgreSQL documentation,
// 34.1.1.2), as far as this program needs it. An unknown parameter is an error, so that a misspelt
// sslmode is noticed.
func postgresOptions(address string) ([]pgdriver.Option, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, errPostgresURL
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, errPostgresURL
	}
	for name := range query {
		if !postgresParameters[name] {
			return nil, fmt.Errorf("database URL: unknown parameter %q", name)
		}
	}
	database := strings.TrimPrefix(u.Path, "/")
	if database == "" {
		return nil, errors.New("database URL: the name of the database is missing (postgres://user:password@host/name)")
	}
	network, addr := postgresAddress(u, query.Get("host"))
	secure, err := postgresTLS(query, network, u.Hostname())
	if err != nil {
		return nil, fmt.Errorf("database URL: %w", err)
	}
	options := []pgdriver.Option{
		pgdriver.WithNetwork(network), pgdriver.WithAddr(addr), pgdriver.WithDatabase(database),
		pgdriver.WithTLSConfig(secure), pgdriver.WithDialTimeout(postgresDial),
		pgdriver.WithApplicationName(valueOr(query.Get("application_name"), "sarangbang")),
	}
	if name := u.User.Username(); name != "" {
		options = append(options, pgdriver.WithUser(name))
	}
	if password, ok := u.User.Password(); ok {
		options = append(options, pgdriver.WithPassword(password))
	} else if password := os.Getenv("PGPASSWORD"); password != "" {
		options = append(options, pgdriver.WithPassword(password))
	}
	return options, nil
}

var postgresParameters = map[string]bool{
	"host": true, "application_name": true, "sslmode": true, "sslrootcert": true, "sslcert": true, "sslkey": true,
}

// postgresAddress returns where the server listens: a host and port, or a socket in the directory
// of ?host=/DIRECTORY.
func postgresAddress(u *url.URL, socket string) (network, addr string) {
	port := valueOr(u.Port(), "5432")
	if strings.HasPrefix(socket, "/") {
		return "unix", filepath.Join(socket, ".s.PGSQL."+port)
	}
	return "tcp", net.JoinHostPort(valueOr(valueOr(socket, u.Hostname()), "localhost"), port)
}

// postgresTLS returns what sslmode, sslrootcert, sslcert and sslkey mean (PostgreSQL documentation,
// 34.19); nil is a connection without TLS. Without sslmode a server on this machine is spoken to in
// the clear, and any other is verified. The driver's own verify-ca and verify-full do not verify.
func postgresTLS(query url.Values, network, host string) (*tls.Config, error) {
	mode := query.Get("sslmode")
	if mode == "" {
		mode = "verify-full"
		if network == "unix" || isThisMachine(host) {
			mode = "disable"
		}
	}
	if mode == "require" && query.Get("sslrootcert") != "" {
		mode = "verify-ca" // as libpq does
	}
	if network == "unix" && mode != "disable" {
		return nil, errors.New("sslmode=" + mode + " makes no sense with a socket of this machine")
	}
	roots, err := rootCertificates(query.Get("sslrootcert"))
	if err != nil {
		return nil, err
	}
	config := &tls.Config{ServerName: host, RootCAs: roots, MinVersion: tls.VersionTLS12}
	switch mode {
	case "disable":
		return nil, nil
	case "require":
		config.InsecureSkipVerify = true
	case "verify-ca":
		config.InsecureSkipVerify = true // of the host name; VerifyConnection does the rest
		config.VerifyConnection = verifyChain(roots)
	case "verify-full":
	case "prefer", "allow":
		return nil, fmt.Errorf("sslmode=%s is not supported, because it protects from nothing: "+
			"choose disable, require, verify-ca or verify-full", mode)
	default:
		return nil, fmt.Errorf("unknown sslmode %q: choose disable, require, verify-ca or verify-full", mode)
	}
	return config, addCertificate(config, query.Get("sslcert"), query.Get("sslkey"))
}

// isThisMachine reports whether a host is the one that the program runs on.
func isThisMachine(host string) bool {
	ip := net.ParseIP(host)
	return host == "" || host == "localhost" || ip != nil && ip.IsLoopback()
}

// rootCertificates reads the certificates to trust; nil stands for those of the system.
func rootCertificates(file string) (*x509.CertPool, error) {
	if file == "" || file == "system" {
		return nil, nil
	}
	pem, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("sslrootcert: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("sslrootcert: %s holds no certificate", file)
	}
	return pool, nil
}

// verifyChain returns a check of who signed the server's certificate, whatever name is in it.
func verifyChain(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		if len(state.PeerCertificates) == 0 {
			return errors.New("the server showed no certificate")
		}
		between := x509.NewCertPool()
		for _, c := range state.PeerCertificates[1:] {
			between.AddCert(c)
		}
		_, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: roots, Intermediates: between})
		return err
	}
}

// addCertificate adds the client's certificate, if there is one.
func addCertificate(config *tls.Config, certFile, keyFile string) error {
	if certFile == "" && keyFile == "" {
		return nil
	}
	pair, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		return fmt.Errorf("sslcert and sslkey: %w", err)
	}
	config.Certificates = []tls.Certificate{pair}
	return nil
}

// explainTLS adds to the error of a failed connection what can be done about it.
func explainTLS(err error) error {
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &unknown):
		return fmt.Errorf("%w (name the authority's certificate with sslrootcert=FILE)", err)
	case err != nil && strings.Contains(err.Error(), "SSL is not enabled on the server"):
		return fmt.Errorf("%w (sslmode=disable connects without)", err)
	}
	return err
}

// valueOr returns value, or otherwise when it is empty.
func valueOr(value, otherwise string) string {
	if value == "" {
		return otherwise
	}
	return value
}
