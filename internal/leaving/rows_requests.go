package leaving

import (
	"context"
	"time"

	"example.org/cloakroom/internal/models"
)

// requests writes the file requests that the user made, without what opens them.
func (x export) requests(ctx context.Context) error {
	return x.list("file_requests.json", func(add func(any) error) error {
		return x.eachRequest(ctx, func(q models.FileRequestView) error {
			return add(struct {
				ID           models.FileRequestID `json:"id"`
				PostID       models.PostID        `json:"post_id"`
				Title        models.Title         `json:"title"`
				Message      string               `json:"message,omitempty"`
				Name         string               `json:"name,omitempty"`
				Sender       models.SenderRule    `json:"sender"`
				Kinds        []models.FileKind    `json:"kinds,omitempty"`
				OneUse       bool                 `json:"one_use"`
				Locked       bool                 `json:"locked"`
				MaxFiles     int                  `json:"max_files"`
				MaxBytes     int64                `json:"max_bytes,omitempty"`
				MaxFileBytes int64                `json:"max_file_bytes,omitempty"`
				Files        int                  `json:"files"`
				Bytes        int64                `json:"bytes"`
				CreatedAt    time.Time            `json:"created_at"`
				ExpiresAt    *time.Time           `json:"expires_at"`
				RevokedAt    *time.Time           `json:"closed_at"`
				UsedAt       *time.Time           `json:"used_at"`
			}{
				q.ID, q.PostID, q.Title, q.Message, q.Name, q.Sender, q.KindList(), q.OneUse, q.Locked(), q.MaxFiles, q.MaxBytes, q.MaxFileBytes,
				q.Files, q.Bytes, q.CreatedAt.UTC(), q.ExpiresAt, q.RevokedAt, q.UsedAt,
			})
		})
	})
}

// received writes what others left through the user's file requests, as the user sees it.
func (x export) received(ctx context.Context) error {
	return x.list("received_files.json", func(add func(any) error) error {
		return x.eachRequest(ctx, func(q models.FileRequestView) error {
			return eachOf(func(before models.Cursor) (models.Page[models.ReceivedFile], error) {
				return x.DB.ReceivedFilesOf(ctx, x.who.ID, q.ID, before, batch)
			}, func(f models.ReceivedFile) error {
				return add(struct {
					RequestID  models.FileRequestID `json:"request_id"`
					FileID     *models.FileID       `json:"file_id,omitempty"`
					Name       models.Filename      `json:"name"`
					Size       int64                `json:"size"`
					SHA256     string               `json:"sha256"`
					From       string               `json:"from,omitempty"`
					Email      models.Email         `json:"email,omitempty"`
					Place      string               `json:"network"`
					ReceivedAt *time.Time           `json:"received_at"`
				}{f.RequestID, f.FileID, f.Name, f.Size, f.SHA256, f.SenderName, f.SenderEmail, f.Place, f.ReceivedAt})
			})
		})
	})
}

// eachRequest calls one for each file request of the user, newest first.
func (x export) eachRequest(ctx context.Context, one func(models.FileRequestView) error) error {
	return eachOf(func(before models.Cursor) (models.Page[models.FileRequestView], error) {
		return x.DB.FileRequestsOf(ctx, x.who.ID, before, batch)
	}, one)
}
