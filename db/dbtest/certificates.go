package dbtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// TLS returns an empty database on a server whose certificate is for the name localhost alone: its
// address at that name, without parameters, and the file of the authority that signed. A test that
// asks for it is skipped where the server is not that of this package.
func TLS(tb testing.TB) (address *url.URL, authority string) {
	tb.Helper()
	address, err := url.Parse(freshPostgres(tb, migrated))
	if err != nil {
		tb.Fatal(err)
	}
	s, err := theServer()
	if err != nil {
		tb.Fatal(err)
	}
	if s.cluster == nil {
		missing(tb, "the server of TEST_POSTGRES_URL has a certificate of its own")
	}
	address.Host, address.RawQuery = net.JoinHostPort("localhost", address.Port()), ""
	return address, filepath.Join(s.cluster.dir, "authority.crt")
}

// WriteCertificates makes an authority (authority.crt) and a certificate that it signed
// (server.crt, server.key), both valid for an hour.
func WriteCertificates(dir string) error {
	authority := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "authority for tests"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	server := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: authority.NotBefore, NotAfter: authority.NotAfter,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	authorityKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serverKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	if err := writeCertificate(dir, "authority.crt", authority, authority, &authorityKey.PublicKey, authorityKey); err != nil {
		return err
	}
	if err := writeCertificate(dir, "server.crt", server, authority, &serverKey.PublicKey, authorityKey); err != nil {
		return err
	}
	der, err := x509.MarshalPKCS8PrivateKey(serverKey)
	if err != nil {
		return err
	}
	return writePEM(dir, "server.key", "PRIVATE KEY", der)
}

func writeCertificate(dir, name string, c, signer *x509.Certificate, key *ecdsa.PublicKey, by *ecdsa.PrivateKey) error {
	der, err := x509.CreateCertificate(rand.Reader, c, signer, key, by)
	if err != nil {
		return err
	}
	return writePEM(dir, name, "CERTIFICATE", der)
}

func writePEM(dir, name, kind string, der []byte) error {
	return os.WriteFile(filepath.Join(dir, name), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600)
}
