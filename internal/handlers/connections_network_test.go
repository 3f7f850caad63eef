package handlers

import (
	"net"
	"net/http"
	"testing"
)

// A connFrom is a connection from an address, which does nothing else.
type connFrom struct {
	net.Conn
	addr string
}

func (c *connFrom) RemoteAddr() net.Addr {
	addr, err := net.ResolveTCPAddr("tcp", net.JoinHostPort(c.addr, "1"))
	if err != nil {
		panic(err)
	}
	return addr
}

// An IPv6 customer has a whole /64, and an IPv4 address the same share in either form.
func TestConnections_AreCountedByNetwork(t *testing.T) {
	for _, tt := range []struct {
		first, second string
		same          bool
	}{
		{"2001:db8::1", "2001:db8::ffff:1", true},
		{"2001:db8:0:1::1", "2001:db8:0:2::1", false},
		{"192.0.2.1", "192.0.2.2", false},
		{"192.0.2.1", "::ffff:192.0.2.1", true},
		{"fe80::1", "fe80::2", true},
	} {
		all := &openConnections{Connections: Connections{Most: 10, Share: 1}, open: map[net.Conn]*openConnection{}, holders: holders{}}
		one, two := &connFrom{addr: tt.first}, &connFrom{addr: tt.second}
		all.note(one, http.StateNew)
		all.note(one, http.StateActive)
		refused := all.note(two, http.StateNew) == two
		if refused != tt.same {
			t.Errorf("%s and %s: the second is refused: %v", tt.first, tt.second, refused)
		}
		all.note(one, http.StateClosed)
		all.note(two, http.StateClosed)
		if len(all.open) > 0 || len(all.holders) > 0 || all.waiting.longest() != nil {
			t.Errorf("%s and %s: left %v", tt.first, tt.second, all.holders)
		}
	}
}
