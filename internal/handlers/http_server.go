package handlers

import (
	"net"
	"net/http"
	"sync/atomic"
)

// LimitConnections makes server close connections at once when most are open:
// else they would take the descriptors that files and the database need. It
// watches rather than wraps them, for a wrapped one cannot send files by the
// kernel alone.
func LimitConnections(server *http.Server, most int) {
	var open atomic.Int64
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			if open.Add(1) > int64(most) {
				_ = conn.Close() // the server finds it closed, and counts it out
			}
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		case http.StateActive, http.StateIdle:
		}
	}
}
