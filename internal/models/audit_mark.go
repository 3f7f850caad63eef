package models

import (
	"encoding/binary"
	"time"
)

// An AuditMark is a signature with the site key over the hash of the audit log at
// event Seq. A writer to the database can forge a chain, but not a mark.
type AuditMark struct {
	Seq       int64
	Hash      string
	At        time.Time
	Cut       bool // the events up to Seq were deleted after the retention period
	Signature []byte
}

// Message returns the signed bytes.
func (m AuditMark) Message() []byte {
	text := append([]byte("cloakroom audit mark 1\x00"), 0)
	if m.Cut {
		text[len(text)-1] = 1
	}
	text = binary.BigEndian.AppendUint64(text, uint64(m.Seq)) //nolint:gosec // only the bits are signed
	text = binary.BigEndian.AppendUint64(text, uint64(m.At.UnixMicro()))
	return append(text, m.Hash...)
}

// MarkAudit signs the current state of the audit log and deletes events past the
// retention period.
type MarkAudit struct{}

// Kind implements Job.
func (MarkAudit) Kind() string { return "audit.mark" }
