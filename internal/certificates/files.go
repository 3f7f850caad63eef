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

// maxPairFile is more than any chain or key has, in bytes.
const maxPairFile = 1 << 20

// A FilePair names the files of a certificate with its chain, and of its key,
// both in PEM.
type FilePair struct{ Cert, Key string }

// files is the source of certificates that somebody else puts into files.
type files struct {
	hosts []string
	roots *x509.CertPool // nil: the machine has none
	now   func() time.Time
	log   *slog.Logger

	held  atomic.Pointer[heldPairs] // read by handshakes, which wait for nobody
	mu    sync.Mutex
	pairs []*heldPair
}

// A heldPair is what was read of a FilePair.
type heldPair struct {
	FilePair
	cert    *tls.Certificate
	used    pairText
	refused *pairText // seen at the last look, and not used; nil: nothing was refused
	told    bool      // the log knows of it
	why     string    // the last change was refused, in plain words
	at      time.Time
}

// heldPairs are what handshakes are answered with.
type heldPairs struct {
	first  *tls.Certificate
	byName map[string][]*tls.Certificate // of each name that one is good for, wildcards as they are
}

// A pairText is what the files hold.
type pairText struct{ cert, key []byte }

func (t pairText) equal(other pairText) bool {
	return bytes.Equal(t.cert, other.cert) && bytes.Equal(t.key, other.key)
}

// newFiles reads pairs. A pair that is none is an error; one that is merely
// out of date is better than no site.
func newFiles(pairs []FilePair, hosts []string, now func() time.Time, log *slog.Logger) (*files, error) {
	if len(pairs) == 0 {
		return nil, errors.New("no files with a certificate and its key are named")
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		roots = nil // nothing can be said of it then
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
		return nil, fmt.Errorf("reading a certificate: %s is larger than any", path)
	}
	return text, nil
}

// parse never says what is in the files: one of them is a key.
func (t pairText) parse() (*tls.Certificate, error) {
	switch cert, err := tls.X509KeyPair(t.cert, t.key); {
	case err == nil && !whole(t.cert):
		return nil, errors.New("the file of the certificate ends too early")
	case err == nil:
		return &cert, nil
	case strings.Contains(err.Error(), "does not match"):
		return nil, errors.New("the key is not the one of the certificate")
	case bytes.Contains(t.key, []byte("ENCRYPTED")):
		return nil, errors.New("the key is encrypted: it must be there without a passphrase")
	}
	return nil, errors.New("these are no certificate and key in PEM")
}

// whole reports whether the last block of PEM in text has its end: it has not
// while a tool writes, and the half of a chain looks like a short one.
func whole(text []byte) bool {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		text = rest
	}
	return !bytes.Contains(text, []byte("-----BEGIN"))
}

// publish lets handshakes use what was read. The caller holds mu, or is alone.
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

// certificate implements source. The one for the very name comes before a
// wildcard; of several, the first that the client can use. Whoever asks for no
// name, or for one that is not ours, gets the first pair: a browser refuses it
// and says why, and programs that watch us by address see how it is.
func (f *files) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	held, name := f.held.Load(), strings.ToLower(hello.ServerName)
	named := slices.Concat(held.byName[name], held.byName[wildcard(name)], []*tls.Certificate{held.first})
	for _, cert := range named {
		if hello.SupportsCertificate(cert) == nil {
			return cert, nil
		}
	}
	return named[0], nil
}

// wildcard is the name of the wildcard that would cover name.
func wildcard(name string) string {
	_, parent, _ := strings.Cut(name, ".")
	return "*." + parent
}

// refresh implements source. A changed pair is used if nothing is wrong with
// it; else the one from before stays.
func (f *files) refresh(ctx context.Context) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, pair := range f.pairs {
		f.refreshPair(ctx, pair)
	}
	f.publish()
	return nil
}

func (f *files) refreshPair(ctx context.Context, pair *heldPair) {
	text, err := pair.read()
	if err == nil && text.equal(pair.used) {
		pair.settle(pair.cert, text)
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
		pair.settle(cert, text)
		f.log.InfoContext(ctx, "took up a new certificate", "file", pair.Cert, "until", cert.Leaf.NotAfter)
		return
	}
	// Most tools change one file after the other: what is wrong at one look only
	// is no trouble yet.
	again := pair.refused != nil && text.equal(*pair.refused)
	if !again {
		pair.refused, pair.told, pair.at = &text, false, f.now()
	}
	pair.why = "The files changed, but are invalid: " + err.Error() + "; the previous ones are still used."
	if again && !pair.told {
		f.log.WarnContext(ctx, "refused a new certificate", "file", pair.Cert, "why", err.Error())
		pair.told = true
	}
}

// settle uses a certificate, and forgets what was refused.
func (p *heldPair) settle(cert *tls.Certificate, text pairText) {
	p.cert, p.used, p.refused, p.told, p.why = cert, text, nil, false, ""
}

// worse says what is wrong with cert that is not wrong with the one in use:
// instead of one that has ended, another that has ended does no harm. It must
// be good for all hosts that no other pair is good for.
func (f *files) worse(pair *heldPair, cert *tls.Certificate) error {
	hosts := f.onlyFor(pair)
	before := judge(pair.Cert, pair.cert, hosts, f.now(), nil).Broken
	var worse []string
	for _, sentence := range judge(pair.Cert, cert, hosts, f.now(), nil).Broken {
		if !slices.ContainsFunc(before, func(other string) bool {
			return sentence == other || strings.HasPrefix(sentence, expired) && strings.HasPrefix(other, expired)
		}) {
			worse = append(worse, sentence)
		}
	}
	if len(worse) == 0 {
		return nil
	}
	return errors.New("the new certificate is not to be believed (" + strings.TrimSuffix(strings.Join(worse, " "), ".") + ")")
}

// states implements source. Which of several pairs is for which host nobody
// has said: so a host that none is good for is told of the first.
func (f *files) states(context.Context) (states []State, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, pair := range f.pairs {
		var hosts []string
		if i == 0 {
			hosts = f.onlyFor(pair)
		}
		state := judge(pair.Cert, pair.cert, hosts, f.now(), f.roots)
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

// onlyFor lists the hosts that pair must be good for: no other is.
func (f *files) onlyFor(pair *heldPair) []string {
	return slices.DeleteFunc(slices.Clone(f.hosts), func(host string) bool {
		return slices.ContainsFunc(f.pairs, func(p *heldPair) bool { return p != pair && p.goodFor(host) })
	})
}

func (p *heldPair) goodFor(host string) bool { return p.cert.Leaf.VerifyHostname(host) == nil }
