// Package transfer moves bytes in and out: at a least rate, charged to the
// visitor, and cut once the visitor may no longer have or send them. It is the
// only package that knows how a body is read and sent.
//
// An upload is read through, from the connection to the handler:
//
//	net/http's body          holds the sender to the length in the header
//	→ minRateReader          moves the read deadline while bytes arrive   pace_in.go, by Deadlines
//	→ chargedBody            charges bytes before they are stored         charge.go, by ChargeUpload
//	→ revocableBody          ends once the session or token has ended     revoke.go, by StopWhenRevoked
//	→ Form or gate.BareBody  the handler's view: a form, or one file      form.go
//
// A download is written through, from the handler to the connection:
//
//	http.ServeContent        ranges, conditions, HEAD
//	→ minRateWriter          charges before the first byte (admit), moves the write deadline
//	                         while bytes go, and cuts once May denies     pace_out.go, charge.go, revoke.go
//	→ errorCatcher           for programs alone: errors become problems   send_errors.go
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
