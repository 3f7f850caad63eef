package certificates

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// maxPairFile is the maximum size of a file with a chain or key, in bytes.
const maxPairFile = 1 << 20

// A FilePair has the paths of a certificate with its chain, and of its key, both
// in PEM.
type FilePair struct{ Cert, Key string }

// files is the source of certificates that the operator puts into files.
type files struct {
	hosts []string
	roots *x509.CertPool // of the machine; nil: unavailable
	now   func() time.Time
	log   *slog.Logger

	held  atomic.Pointer[heldPairs] // read by handshakes without a lock
	mu    sync.Mutex                // guards what follows
	pairs []*heldPair
	stamp string // of the files before the last refresh
}

// A heldPair is a FilePair with the certificate read from it.
type heldPair struct {
	FilePair
	cert    *tls.Certificate
	used    pairText
	refused *pairText // rejected content of the files; nil: none
	logged  bool      // the rejection was logged
	why     string    // why the content was rejected, for operators
	at      time.Time // time of the rejection
}

// heldPairs are the certificates that handshakes use.
type heldPairs struct {
	first  *tls.Certificate
	byName map[string][]*tls.Certificate // by DNS name, including wildcards
}

// A pairText is the content of the files of a pair.
type pairText struct{ cert, key []byte }

func (t pairText) equal(other pairText) bool {
	return bytes.Equal(t.cert, other.cert) && bytes.Equal(t.key, other.key)
}

// newFiles reads the pairs. It fails if one cannot be parsed. An expired
// certificate is accepted: the site works better with it than without.
func newFiles(pairs []FilePair, hosts []string, now func() time.Time, log *slog.Logger) (*files, error) {
	if len(pairs) == 0 {
		return nil, errors.New("no files with a certificate and its key are named")
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = nil // trust cannot be checked then
	}
	f := &files{hosts: hosts, roots: roots, now: now, log: log}
	for _, pair := range pairs {
		text, err := pair.read()
		if err != nil {
			return nil, err
		}
		cert, err := text.parse()
		if err != nil {
			return nil, fmt.Errorf("%s and %s: %w", pair.Cert, pair.Key, err)
		}
		f.pairs = append(f.pairs, &heldPair{FilePair: pair, used: text, cert: cert})
	}
	f.publish()
	return f, nil
}

// read returns the content of both files.
func (p FilePair) read() (text pairText, err error) {
	if text.cert, err = readFile(p.Cert); err != nil {
		return text, err
	}
	text.key, err = readFile(p.Key)
	return text, err
}

func readFile(path string) ([]byte, error) {
	file, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return nil, fmt.Errorf("reading a certificate: %w", err)
	}
	defer func() { _ = file.Close() }()
	text, err := io.ReadAll(io.LimitReader(file, maxPairFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading a certificate: %w", err)
	}
	if len(text) > maxPairFile {
		return nil, fmt.Errorf("reading a certificate: %s is larger than %d bytes", path, maxPairFile)
	}
	return text, nil
}

// parse returns the certificate. Its errors do not contain the text, which may be a key.
func (t pairText) parse() (*tls.Certificate, error) {
	switch cert, err := tls.X509KeyPair(t.cert, t.key); {
	case err == nil && !complete(t.cert):
		return nil, errors.New("the certificate file is incomplete")
	case err == nil:
		return &cert, nil
	case strings.Contains(err.Error(), "does not match"):
		return nil, errors.New("the key does not belong to the certificate")
	case bytes.Contains(t.key, []byte("ENCRYPTED")):
		return nil, errors.New("the key is encrypted: store it without a passphrase")
	}
	return nil, errors.New("not a certificate and key in PEM format")
}

// complete reports whether the last PEM block in text has an end. It has none
// while a tool is writing the file; half a chain would look like a short one.
func complete(text []byte) bool {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		text = rest
	}
	return !bytes.Contains(text, []byte("-----BEGIN"))
}

// publish makes the certificates available to handshakes. The caller holds mu.
func (f *files) publish() {
	held := &heldPairs{first: f.pairs[0].cert, byName: map[string][]*tls.Certificate{}}
	for _, pair := range f.pairs {
		for _, name := range pair.cert.Leaf.DNSNames {
			name = strings.ToLower(name)
			held.byName[name] = append(held.byName[name], pair.cert)
		}
	}
	f.held.Store(held)
}

// certificate implements source. It prefers an exact name to a wildcard, and takes
// the first certificate that the client supports. Clients that ask for no name or
// an unknown one get the first pair: browsers reject it with a clear message, and
// monitoring by IP address works.
func (f *files) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	held, name := f.held.Load(), strings.ToLower(hello.ServerName)
	candidates := slices.Concat(held.byName[name], held.byName[wildcard(name)], []*tls.Certificate{held.first})
	for _, cert := range candidates {
		if hello.SupportsCertificate(cert) == nil {
			return cert, nil
		}
	}
	return candidates[0], nil
}

// wildcard returns the wildcard name that covers name.
func wildcard(name string) string {
	_, parent, _ := strings.Cut(name, ".")
	return "*." + parent
}

// refresh implements source. A changed pair is used unless it is worse than the
// current one.
func (f *files) refresh(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	stamp := f.stampNow()
	for _, pair := range f.pairs {
		before := pair.cert
		f.refreshPair(ctx, pair)
		if pair.cert != before {
			stamp = "" // look again: a pair before it may be good enough now
		}
	}
	f.stamp = stamp
	f.publish()
	return nil
}

// refreshPair reads one pair and uses it if it has changed and is not worse.
func (f *files) refreshPair(ctx context.Context, pair *heldPair) {
	text, err := pair.read()
	if err == nil && text.equal(pair.used) {
		pair.use(pair.cert, text)
		return
	}
	var cert *tls.Certificate
	if err == nil {
		cert, err = text.parse()
	}
	if err == nil {
		err = f.worse(pair, cert)
	}
	if err == nil {
		pair.use(cert, text)
		f.log.InfoContext(ctx, "loaded a new certificate", "file", pair.Cert, "until", cert.Leaf.NotAfter)
		return
	}
	// Most tools write one file after the other, so a pair is only reported if it
	// is wrong in two consecutive reads.
	again := pair.refused != nil && text.equal(*pair.refused)
	if !again {
		pair.refused, pair.logged, pair.at = &text, false, f.now()
	}
	pair.why = "The files changed, but are invalid: " + err.Error() + "; the previous ones are still used."
	if again && !pair.logged {
		f.log.WarnContext(ctx, "rejected a new certificate", "file", pair.Cert, "why", err.Error())
		pair.logged = true
	}
}

// use puts a certificate into use and clears the last rejection.
func (p *heldPair) use(cert *tls.Certificate, text pairText) {
	p.cert, p.used, p.refused, p.logged, p.why = cert, text, nil, false, ""
}

// worse returns an error that lists the defects of cert that the current one does
// not have, or nil. Replacing an expired certificate with another expired one is
// not worse. cert must be valid for all hosts that no other pair covers.
func (f *files) worse(pair *heldPair, cert *tls.Certificate) error {
	hosts := f.onlyFor(pair)
	before := inspect(pair.Cert, pair.cert, hosts, f.now(), nil).Broken
	var worse []string
	for _, sentence := range inspect(pair.Cert, cert, hosts, f.now(), nil).Broken {
		if !slices.ContainsFunc(before, func(other string) bool {
			return sentence == other || strings.HasPrefix(sentence, expired) && strings.HasPrefix(other, expired)
		}) {
			worse = append(worse, sentence)
		}
	}
	if len(worse) == 0 {
		return nil
	}
	return errors.New("browsers would reject the new certificate (" + strings.TrimSuffix(strings.Join(worse, " "), ".") + ")")
}

// states implements source. Pairs are not assigned to hosts, so a host that no
// pair covers is reported for the first one.
func (f *files) states(context.Context) (states []State, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, pair := range f.pairs {
		var hosts []string
		if i == 0 {
			hosts = f.onlyFor(pair)
		}
		state := inspect(pair.Cert, pair.cert, hosts, f.now(), f.roots)
		if info, err := os.Stat(pair.Key); err == nil && info.Mode().Perm()&0o007 != 0 {
			state.Notes = append(state.Notes, "Every user of this machine can read its key: chmod o-rwx "+pair.Key)
		}
		if pair.why != "" {
			state.LastError, state.FailedAt = pair.why, pair.at
		}
		states = append(states, state)
	}
	slices.SortStableFunc(states, func(a, b State) int { return strings.Compare(a.Name, b.Name) })
	return states, nil
}

// onlyFor returns the hosts that no other pair covers.
func (f *files) onlyFor(pair *heldPair) []string {
	return slices.DeleteFunc(slices.Clone(f.hosts), func(host string) bool {
		return slices.ContainsFunc(f.pairs, func(p *heldPair) bool { return p != pair && p.goodFor(host) })
	})
}

func (p *heldPair) goodFor(host string) bool { return p.cert.Leaf.VerifyHostname(host) == nil }
