package main

import (
	"bytes"
	"context"
	"path"

	"example.org/cloakroom/internal/files"
	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/requests"
	"example.org/cloakroom/internal/unlock"
)

// seedRequest makes a file request of owner's, for which a guest has left an image.
func (a *app) seedRequest(ctx context.Context, owner models.User) error {
	client := models.Client{UserAgent: "seed"}
	made, err := a.requests.Create(ctx, models.Actor{User: owner, Client: client}, models.FileRequestInput{
		Title: "Photos of the open day", Message: "Everything you took, please, the blurred ones too.", Name: "open-day", Files: "200",
		Kinds: []string{string(models.KindImage), string(models.KindVideo)}, Sender: string(models.SenderName),
	})
	if err != nil {
		return err
	}
	visit, err := a.requests.Find(ctx, path.Base(made.Link), requests.Guest{Client: client, Cookie: unlock.NewCookie()})
	if err != nil {
		return err
	}
	picture, err := draw("hall.jpg")
	if err != nil {
		return err
	}
	size := int64(len(picture))
	up := a.requests.Upload(visit, models.Sender{Name: "Kim"}, size, a.files.PolicyOf(owner).Storage)
	_, err = a.files.ReceiveInto(ctx, visit.Owner, files.Input{Name: "hall.jpg", Size: size, Body: bytes.NewReader(picture)}, 0, up)
	return up.Done(ctx, err)
}
