package leaving

import (
	"archive/zip"
	"context"
	"encoding/json"
	"time"

	"example.org/cloakroom/internal/models"
)

// The methods below write the JSON entries of an export. docs/api.md describes
// their format: fields may be added, but never renamed or removed.

func (x export) account(context.Context) error {
	w, err := x.create("account.json", zip.Deflate, x.now())
	if err != nil {
		return err
	}
	u := x.who
	lines := json.NewEncoder(w)
	lines.SetIndent("", "  ")
	return lines.Encode(struct {
		ID          models.UserID   `json:"id"`
		Username    models.Username `json:"username"`
		Email       models.Email    `json:"email"`
		VerifiedAt  *time.Time      `json:"email_verified_at,omitempty"`
		Role        models.Role     `json:"role"`
		Tier        models.Tier     `json:"tier"`
		Phone       string          `json:"phone"`
		Website     string          `json:"website"`
		Bio         string          `json:"bio"`
		StorageUsed int64           `json:"storage_used"`
		Visibility  string          `json:"last_visibility,omitempty"`
		CreatedAt   time.Time       `json:"created_at"`
		ExportedAt  time.Time       `json:"exported_at"`
	}{
		u.ID, u.Username, u.Email, u.EmailVerifiedAt, u.Role, u.Tier,
		string(u.Phone), string(u.Website), string(u.Bio), u.StorageUsed, string(u.LastVisibility), u.CreatedAt.UTC(), x.now(),
	})
}

func (x export) sessions(ctx context.Context) error {
	return x.list("sessions.json", func(add func(any) error) error {
		sessions, err := x.DB.SessionsOf(ctx, x.who.ID)
		for i := 0; err == nil && i < len(sessions); i++ {
			one := sessions[i]
			err = add(struct {
				UserAgent  string    `json:"user_agent"`
				Address    string    `json:"address"`
				CreatedAt  time.Time `json:"created_at"`
				LastSeenAt time.Time `json:"last_seen_at"`
				ExpiresAt  time.Time `json:"expires_at"`
			}{one.UserAgent, one.Address, one.CreatedAt.UTC(), one.LastSeenAt.UTC(), one.ExpiresAt.UTC()})
		}
		return err
	})
}

func (x export) tokens(ctx context.Context) error {
	return x.list("api_tokens.json", func(add func(any) error) error {
		tokens, err := x.DB.APITokensOf(ctx, x.who.ID)
		for i := 0; err == nil && i < len(tokens); i++ {
			one := tokens[i]
			err = add(struct {
				ID         models.TokenID `json:"id"`
				Name       string         `json:"name"`
				Scopes     models.Scopes  `json:"scopes"`
				CreatedAt  time.Time      `json:"created_at"`
				LastUsedAt *time.Time     `json:"last_used_at"`
				ExpiresAt  *time.Time     `json:"expires_at"`
			}{one.ID, one.Name, one.Scopes, one.CreatedAt.UTC(), one.LastUsedAt, one.ExpiresAt})
		}
		return err
	})
}

// links writes the identities at providers that can sign in to the account.
func (x export) links(ctx context.Context) error {
	return x.list("links.json", func(add func(any) error) error {
		links, err := x.DB.LinksOf(ctx, x.who.ID)
		for i := 0; err == nil && i < len(links); i++ {
			one := links[i]
			err = add(struct {
				Issuer     string     `json:"issuer"`
				Subject    string     `json:"subject"`
				CreatedAt  time.Time  `json:"created_at"`
				LastUsedAt *time.Time `json:"last_used_at"`
			}{one.Issuer, one.Subject, one.CreatedAt.UTC(), one.LastUsedAt})
		}
		return err
	})
}

// events writes the audit events of the user: what they did, and what was done to
// them. The latter do not say who did it or from which address.
func (x export) events(ctx context.Context) error {
	return x.list("audit.json", func(add func(any) error) error {
		own, done := models.UserObject(x.who.ID), models.AuditFilter{Actor: x.who.ID}
		if err := x.eachEvent(ctx, done, add); err != nil {
			return err
		}
		return x.eachEvent(ctx, models.AuditFilter{Object: own}, func(v any) error {
			if e, ok := v.(eventJSON); ok && !e.ByYou {
				return add(v)
			}
			return nil
		})
	})
}

// An eventJSON is an audit event in the export.
type eventJSON struct {
	At      time.Time          `json:"at"`
	Action  models.AuditAction `json:"action"`
	Object  string             `json:"object,omitempty"`
	ByYou   bool               `json:"by_you"`
	Address string             `json:"address,omitempty"`
	Outcome models.Outcome     `json:"outcome"`
	Detail  string             `json:"detail,omitempty"`
}

// eachEvent calls add for each audit event that matches f, newest first.
func (x export) eachEvent(ctx context.Context, f models.AuditFilter, add func(any) error) error {
	for {
		events, err := x.DB.AuditViews(ctx, f, batch)
		if err != nil || len(events) == 0 {
			return err
		}
		for _, e := range events {
			one := eventJSON{At: e.At.UTC(), Action: e.Action, Object: e.Object, Outcome: e.Outcome, Detail: e.Detail}
			if e.ActorID == x.who.ID {
				one.ByYou, one.Address = true, e.Address
			}
			if err := add(one); err != nil {
				return err
			}
			f.Before = e.Seq
		}
		if len(events) < batch {
			return nil
		}
	}
}

func (x export) posts(ctx context.Context) error {
	return x.list("posts.json", func(add func(any) error) error {
		return eachOf(func(before models.Cursor) (models.Page[models.PostView], error) {
			return x.DB.AllPostsOf(ctx, x.who.ID, before, batch)
		}, func(p models.PostView) error {
			return add(struct {
				ID         models.PostID     `json:"id"`
				Title      models.Title      `json:"title"`
				Content    models.Content    `json:"content"`
				Visibility models.Visibility `json:"visibility"`
				Tags       []models.Tag      `json:"tags"`
				CreatedAt  time.Time         `json:"created_at"`
				UpdatedAt  time.Time         `json:"updated_at"`
				DeletedAt  *time.Time        `json:"deleted_at,omitempty"`
			}{p.ID, p.Title, p.Content, p.Visibility, p.Tags, p.CreatedAt.UTC(), p.UpdatedAt.UTC(), p.DeletedAt})
		})
	})
}

func (x export) comments(ctx context.Context) error {
	return x.list("comments.json", func(add func(any) error) error {
		for after := models.CommentID(""); ; {
			found, err := x.DB.AllCommentsOf(ctx, x.who.ID, after, batch)
			if err != nil || len(found) == 0 {
				return err
			}
			for _, c := range found {
				err := add(struct {
					ID        models.CommentID   `json:"id"`
					PostID    models.PostID      `json:"post_id"`
					Body      models.CommentBody `json:"body"`
					CreatedAt time.Time          `json:"created_at"`
				}{c.ID, c.PostID, c.Body, c.CreatedAt.UTC()})
				if err != nil {
					return err
				}
				after = c.ID
			}
		}
	})
}

func (x export) fileList(ctx context.Context) error {
	return x.list("files.json", func(add func(any) error) error {
		return x.eachFile(ctx, func(f models.File) error {
			return add(struct {
				ID        models.FileID    `json:"id"`
				Path      string           `json:"path"`
				Name      models.Filename  `json:"name"`
				PostID    *models.PostID   `json:"post_id,omitempty"`
				Size      int64            `json:"size"`
				SHA256    string           `json:"sha256"`
				MediaType string           `json:"media_type"`
				State     models.FileState `json:"state"`
				CreatedAt time.Time        `json:"created_at"`
			}{f.ID, pathOf(f), f.Name, f.PostID, f.Size, f.SHA256, f.MediaType, f.State, f.CreatedAt.UTC()})
		})
	})
}

// eachFile calls one for each file of the user, newest first.
func (x export) eachFile(ctx context.Context, one func(models.File) error) error {
	return eachOf(func(before models.Cursor) (models.Page[models.File], error) {
		return x.DB.FilesOf(ctx, x.who.ID, before, batch)
	}, one)
}
