// Package transfer moves bytes in and out: at a minimum rate, charged to the
// visitor, and cut once the visitor loses access. It is the only package that knows
// how files are read from requests and sent.
//
// An upload passes these readers, from the connection to the handler:
//
//	net/http's body          enforces Content-Length
//	→ minRateReader          moves the read deadline while bytes arrive     pace_in.go, by Deadlines
//	→ bufio.Reader           requests 64 KiB at a time                      pace_in.go, by Deadlines
//	→ chargedBody            charges bytes before they are stored           charge.go, by ChargeUpload
//	→ revocableBody          ends once the session or API token has ended   revoke.go, by StopWhenRevoked
//	→ Form or gate.BareBody  what the handler reads: a form, or one file    form.go, gate/body.go
//
// A download passes these writers, from the handler to the connection:
//
//	http.ServeContent        ranges, conditions, HEAD, of a file or of the files in SendZip; or the
//	                         writer of SendArchive
//	→ minRateWriter          charges and calls Begin before the first byte (admit), moves the write deadline
//	                         while bytes are sent, and ends once watch sees that may denies
//	                         access                                         pace_out.go, by send
//	→ errorCatcher           in the API only: errors become problems        send_errors.go, by AsProblem
//	→ net/http's writer      the kernel copies from disk to socket
package transfer

import (
	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/handlers/gate"
)

// A Line moves the bytes of requests and responses.
type Line struct {
	*gate.Gate
	Files *files.Service
}
