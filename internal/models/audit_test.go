package models_test

import (
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"example.org/cloakroom/internal/models"
)

// Every field contributes to the hash, and so does the boundary between two
// fields.
func TestAuditEvent_HashAfterCoversEveryField(t *testing.T) {
	base := models.AuditEvent{
		Seq: 7, At: time.UnixMicro(1), ActorID: "AB", Action: "user.suspend", Object: "user:C",
		Address: "192.0.2.1", Outcome: models.Done, Detail: "spam",
	}
	seen := map[string]string{base.HashAfter("x"): "itself", base.HashAfter("y"): "another before"}
	if len(seen) != 2 {
		t.Error("the hash before is not in it")
	}
	for name, change := range map[string]func(e *models.AuditEvent){
		"seq": func(e *models.AuditEvent) { e.Seq++ }, "at": func(e *models.AuditEvent) { e.At = time.UnixMicro(2) },
		"actor": func(e *models.AuditEvent) { e.ActorID = "AC" }, "action": func(e *models.AuditEvent) { e.Action = "user.restore" },
		"object": func(e *models.AuditEvent) { e.Object = "user:D" }, "address": func(e *models.AuditEvent) { e.Address = "" },
		"outcome": func(e *models.AuditEvent) { e.Outcome = models.Refused }, "detail": func(e *models.AuditEvent) { e.Detail = "" },
		"a letter moved": func(e *models.AuditEvent) { e.ActorID, e.Action = "A", "Buser.suspend" },
	} {
		e := base
		change(&e)
		if other, twice := seen[e.HashAfter("x")]; twice {
			t.Errorf("%s has the hash of %s", name, other)
		}
		seen[e.HashAfter("x")] = name
	}
}

func TestActor_DidKeepsDetailsShort(t *testing.T) {
	e := models.Actor{Client: models.Client{Addr: netip.MustParseAddr("::ffff:192.0.2.1")}}.Did("a", "b", strings.Repeat("ü", 2000)+"\xff")
	if len(e.Detail) > 1000 || !utf8.ValidString(e.Detail) || e.Address != "192.0.2.1" {
		t.Errorf("%d bytes, from %s", len(e.Detail), e.Address)
	}
}

func TestClient_PlaceIsAPrefix(t *testing.T) {
	for addr, want := range map[string]string{
		"192.0.2.77": "192.0.2.0/24", "::ffff:192.0.2.77": "192.0.2.0/24",
		"2001:db8:1:2:3::4": "2001:db8:1::/48", "fe80::1%eth0": "fe80::/48",
	} {
		if got := (models.Client{Addr: netip.MustParseAddr(addr)}).Place(); got != want {
			t.Errorf("%s is at %s, want %s", addr, got, want)
		}
	}
	if got := (models.Client{}).Place() + (models.Client{}).Address(); got != "" {
		t.Errorf("nowhere is %q", got)
	}
}
