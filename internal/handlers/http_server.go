package handlers

import (
	"net"
	"net/http"
	"sync/atomic"
)

// LimitConnections makes server close new connections while most are open, because
// files and the database need file descriptors too. It does not wrap the listener: on a
// wrapped connection the kernel cannot copy files.
func LimitConnections(server *http.Server, most int) {
	var open atomic.Int64
	server.ConnState = func(conn net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			if open.Add(1) > int64(most) {
				_ = conn.Close() // the server then reports it as closed
			}
		case http.StateClosed, http.StateHijacked:
			open.Add(-1)
		case http.StateActive, http.StateIdle:
		}
	}
}
