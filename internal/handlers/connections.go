package handlers

import (
	"container/list"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
)

// Connections bounds the connections of a server that are open at the same time,
// because files and the database need file descriptors too.
type Connections struct {
	Most   int            // all together
	Share  int            // those of one IPv4 address, or of one /64 of IPv6
	Exempt []netip.Prefix // addresses that have no share: a proxy speaks for many visitors
}

// Limit makes server keep the bounds. A new connection over one takes the place of one
// that waits for a request: of the same address if the share of that is full, else of
// anyone. If all are busy, the new one is closed. Limit does not wrap the listener: on
// a wrapped connection the kernel cannot copy files. The returned function counts the open
// ones.
func (b Connections) Limit(server *http.Server) (count func() int) {
	all := &openConnections{Connections: b, open: map[net.Conn]*openConnection{}, holders: holders{}}
	server.ConnState = all.follow
	return func() int {
		all.mu.Lock()
		defer all.mu.Unlock()
		return len(all.open)
	}
}

// openConnections are the connections of one server.
type openConnections struct {
	Connections

	mu      sync.Mutex
	open    map[net.Conn]*openConnection
	holders holders
	waiting queues // of all holders
}

// holders are the holders of open connections.
type holders map[netip.Prefix]*holder

// A holder is an address or network with open connections.
type holder struct {
	from    netip.Prefix
	open    int
	waiting queues
}

// queues are the connections that wait for a request, the longest waiting first.
type queues [2]list.List

// The queues. A connection stays in one while it sends the header of a request, however
// slowly.
const (
	idle  = iota // it had a request before
	fresh        // it had none yet
)

// longest returns the connection that is closed first, or nil if none waits.
func (q *queues) longest() *openConnection {
	for kind := range q {
		if first := q[kind].Front(); first != nil {
			return first.Value.(*openConnection) //nolint:forcetypeassert // the queues have nothing else
		}
	}
	return nil
}

// An openConnection is a connection with its holder, and its places in the queues.
type openConnection struct {
	net.Conn
	holder   *holder
	kind     int           // of its queues
	all, own *list.Element // nil: it is busy
}

// follow is an http.Server.ConnState.
func (s *openConnections) follow(conn net.Conn, state http.ConnState) {
	if closing := s.note(conn, state); closing != nil {
		closeAtOnce(closing)
	}
}

// note records the state of a connection, and returns a connection to close, or nil.
// The server reports that as closed later, when it is no longer known here.
func (s *openConnections) note(conn net.Conn, state http.ConnState) (closing net.Conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if state == http.StateNew {
		return s.admit(conn)
	}
	c := s.open[conn]
	if c == nil {
		return nil
	}
	switch state {
	case http.StateIdle:
		s.wait(c, idle)
	case http.StateActive:
		s.resume(c)
	case http.StateClosed, http.StateHijacked:
		s.forget(c)
	case http.StateNew:
	}
	return nil
}

// admit adds a new connection, and returns the one that it replaces, if any, or itself
// if there is no room.
func (s *openConnections) admit(conn net.Conn) (closing net.Conn) {
	from, shares := s.network(conn.RemoteAddr())
	h := s.holders[from]
	if h == nil {
		h = &holder{from: from}
	}
	var waiting *queues
	switch {
	case shares && h.open >= s.Share:
		waiting = &h.waiting
	case len(s.open) >= s.Most:
		waiting = &s.waiting
	}
	if waiting != nil {
		longest := waiting.longest()
		if longest == nil {
			return conn
		}
		s.forget(longest)
		closing = longest.Conn
	}
	s.holders[from] = h
	h.open++
	c := &openConnection{Conn: conn, holder: h}
	s.open[conn] = c
	s.wait(c, fresh)
	return closing
}

// network returns the address or network that a connection counts for, and whether it
// has a share.
func (s *openConnections) network(remote net.Addr) (from netip.Prefix, shares bool) {
	tcp, ok := remote.(*net.TCPAddr)
	if !ok {
		return netip.Prefix{}, false
	}
	const network = 64 // bits that a provider gives one customer, at least
	addr := tcp.AddrPort().Addr().Unmap().WithZone("")
	bits := addr.BitLen()
	if addr.Is6() {
		bits = network
	}
	from, _ = addr.Prefix(bits) // the bits are never too many
	return from, !slices.ContainsFunc(s.Exempt, func(p netip.Prefix) bool { return p.Contains(addr) })
}

// wait puts c into the queues of a kind.
func (s *openConnections) wait(c *openConnection, kind int) {
	s.resume(c)
	c.kind, c.all, c.own = kind, s.waiting[kind].PushBack(c), c.holder.waiting[kind].PushBack(c)
}

// resume takes c out of the queues.
func (s *openConnections) resume(c *openConnection) {
	if c.all != nil {
		s.waiting[c.kind].Remove(c.all)
		c.holder.waiting[c.kind].Remove(c.own)
		c.all, c.own = nil, nil
	}
}

// forget removes c.
func (s *openConnections) forget(c *openConnection) {
	s.resume(c)
	delete(s.open, c.Conn)
	if c.holder.open--; c.holder.open == 0 {
		delete(s.holders, c.holder.from)
	}
}

// closeAtOnce closes conn without the farewell of TLS, which can wait for the client.
func closeAtOnce(conn net.Conn) {
	if secured, ok := conn.(*tls.Conn); ok {
		conn = secured.NetConn()
	}
	_ = conn.Close() // the server notices
}
