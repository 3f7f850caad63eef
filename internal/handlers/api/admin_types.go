package api

import (
	"time"

	"example.org/cloakroom/internal/models"
)

// An accountJSON is a user as those see them who look after the site.
type accountJSON struct {
	ID              string     `json:"id"`
	Username        string     `json:"username"`
	Email           string     `json:"email"`
	EmailVerifiedAt *time.Time `json:"email_verified_at"`
	Role            string     `json:"role"`
	Tier            string     `json:"tier"`
	StorageUsed     int64      `json:"storage_used"`
	StorageQuota    int64      `json:"storage_quota"`
	Quota           *int64     `json:"quota"` // of their own; null: that of the tier
	CreatedAt       time.Time  `json:"created_at"`
	SuspendedAt     *time.Time `json:"suspended_at"`
}

// An accountWholeJSON is an accountJSON with what lists do not show.
type accountWholeJSON struct {
	accountJSON
	DeletionAt   *time.Time `json:"deletion_at"`
	SecondFactor bool       `json:"second_factor"`
	Posts        int64      `json:"posts"`
	Files        int64      `json:"files"`
	Links        int64      `json:"links"` // to a provider
}

// An invitationJSON is an invitation, without its link.
type invitationJSON struct {
	ID        string     `json:"id"`
	Role      string     `json:"role"`
	Tier      string     `json:"tier"`
	Email     string     `json:"email"`
	Note      string     `json:"note"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt time.Time  `json:"expires_at"`
	UsedAt    *time.Time `json:"used_at"`
	UsedBy    string     `json:"used_by"`
}

// An newInvitationJSON is an invitation just made, with its link.
type newInvitationJSON struct {
	invitationJSON
	URL string `json:"url"`
}

// An ipRuleJSON is an IP rule.
type ipRuleJSON struct {
	Prefix    string     `json:"prefix"`
	Action    string     `json:"action"`
	Note      string     `json:"note"`
	CreatedAt time.Time  `json:"created_at"`
	ExpiresAt *time.Time `json:"expires_at"`
}

// An auditEventJSON is an audit event. Its place in the chain is in the export.
type auditEventJSON struct {
	Seq     int64     `json:"seq"`
	At      time.Time `json:"at"`
	ActorID string    `json:"actor_id"`
	Actor   string    `json:"actor"`
	Action  string    `json:"action"`
	Object  string    `json:"object"`
	User    string    `json:"user"` // whom the object names
	Address string    `json:"address"`
	Outcome string    `json:"outcome"`
	Detail  string    `json:"detail"`
}

// An limitJSON is how much of an act each class of visitors may do.
type limitJSON struct {
	Act    string      `json:"act"`
	Says   string      `json:"says"`
	Counts string      `json:"counts"`
	Rates  []ratesJSON `json:"rates"`
}

// ratesJSON are the rates of a class, as LIMITS says them. Guest stands for all
// where all share them.
type ratesJSON struct {
	Class string   `json:"class"`
	Rates []string `json:"rates"`
	From  string   `json:"from"` // default, environment or changed
}

func (a *API) accountOf(u models.User) accountJSON {
	return accountJSON{
		ID: string(u.ID), Username: string(u.Username), Email: string(u.Email), EmailVerifiedAt: inUTC(u.EmailVerifiedAt),
		Role: string(u.Role), Tier: string(u.Tier), StorageUsed: u.StorageUsed, StorageQuota: a.Files.PolicyOf(u).Storage, Quota: u.Quota,
		CreatedAt: u.CreatedAt.UTC(), SuspendedAt: inUTC(u.SuspendedAt),
	}
}

func invitationOf(i models.Invitation) invitationJSON {
	return invitationJSON{
		ID: i.ID, Role: string(i.Role), Tier: string(i.Tier), Email: string(i.Email), Note: i.Note,
		CreatedAt: i.CreatedAt.UTC(), ExpiresAt: i.ExpiresAt.UTC(), UsedAt: inUTC(i.UsedAt), UsedBy: string(i.UsedBy),
	}
}

func ipRuleOf(r models.IPRule) ipRuleJSON {
	return ipRuleJSON{Prefix: string(r.Prefix), Action: string(r.Action), Note: r.Note, CreatedAt: r.CreatedAt.UTC(), ExpiresAt: inUTC(r.ExpiresAt)}
}

func auditEventOf(e models.AuditView) auditEventJSON {
	return auditEventJSON{
		Seq: e.Seq, At: e.At.UTC(), ActorID: string(e.ActorID), Actor: string(e.Actor), Action: string(e.Action), Object: e.Object,
		User: string(e.Subject), Address: e.Address, Outcome: string(e.Outcome), Detail: e.Detail,
	}
}

// inUTC is a time that may not be there.
func inUTC(t *time.Time) *time.Time {
	if t == nil {
		return nil
	}
	utc := t.UTC()
	return &utc
}
