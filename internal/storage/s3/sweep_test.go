package s3_test

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"

	"example.org/cloakroom/internal/models"
	"example.org/cloakroom/internal/problem"
	"example.org/cloakroom/internal/storage/s3"
)

func newClient(t *testing.T, config s3.Config) *minio.Core {
	t.Helper()
	u, err := url.Parse(config.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	core, err := minio.NewCore(u.Host, &minio.Options{
		Creds:  credentials.NewStaticV4(config.AccessKey, config.SecretKey, ""),
		Region: "us-east-1",
	})
	if err != nil {
		t.Fatal(err)
	}
	return core
}

// An upload that was started long ago is only swept once its newest part is old too. The test
// service dates an upload by that part, so the test changes the start date in the response.
func TestSweep_SlowUpload(t *testing.T) {
	config := newConfig(t)
	client, key := newClient(t, config), string(models.NewBlobKey())
	initiated := regexp.MustCompile(`<Initiated>[^<]+<`)
	config.Endpoint = proxy(t, config.Endpoint, func(w http.ResponseWriter, r *http.Request, service http.Handler) {
		answer := httptest.NewRecorder()
		service.ServeHTTP(answer, r)
		w.WriteHeader(answer.Code)
		_, _ = w.Write(initiated.ReplaceAll(answer.Body.Bytes(), []byte("<Initiated>2020-01-01T00:00:00.000Z<")))
	})
	store := newStore(t, config)
	upload, err := client.NewMultipartUpload(t.Context(), config.Bucket, key, minio.PutObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for number := range 2 {
		_, err := client.PutObjectPart(t.Context(), config.Bucket, key, upload, number+1, strings.NewReader("part"), 4,
			minio.PutObjectPartOptions{})
		if err != nil {
			t.Fatal(err)
		}
	}
	if removed, err := store.Sweep(t.Context(), time.Now().Add(-time.Hour), noRecords); removed != 0 || err != nil {
		t.Errorf("Sweep before its newest part = %d, %v; want 0", removed, err)
	}
	if removed, err := store.Sweep(t.Context(), time.Now().Add(time.Hour), noRecords); removed != 1 || err != nil {
		t.Errorf("Sweep past its newest part = %d, %v; want 1", removed, err)
	}
}

// An object in parts is swept later by the longest duration of an upload, because its date may
// be that of the start.
func TestSweep_ObjectInParts(t *testing.T) {
	store := newStore(t, newConfig(t))
	whole, parts := models.NewBlobKey(), models.NewBlobKey()
	for key, size := range map[models.BlobKey]int{whole: 100, parts: 9 << 20} {
		if _, err := store.Put(t.Context(), key, bytes.NewReader(make([]byte, size))); err != nil {
			t.Fatal(err)
		}
	}
	if removed, err := store.Sweep(t.Context(), time.Now().Add(24*time.Hour), noRecords); removed != 1 || err != nil {
		t.Errorf("Sweep a day later = %d, %v; want 1", removed, err)
	}
	if _, err := store.Open(t.Context(), whole); problem.KindOf(err) != problem.NotFound {
		t.Errorf("Open = %v, want not_found", err)
	}
	if removed, err := store.Sweep(t.Context(), time.Now().Add(9*24*time.Hour), noRecords); removed != 1 || err != nil {
		t.Errorf("Sweep nine days later = %d, %v; want 1", removed, err)
	}
}

// A shared bucket keeps foreign objects.
func TestSweep_LeavesForeign(t *testing.T) {
	config := newConfig(t)
	store, client := newStore(t, config), newClient(t, config)
	for _, name := range []string{"readme.txt", "backup/" + string(models.NewBlobKey()), strings.ToLower(string(models.NewBlobKey()))} {
		_, err := client.PutObject(t.Context(), config.Bucket, name, strings.NewReader("x"), 1, "", "", minio.PutObjectOptions{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.NewMultipartUpload(t.Context(), config.Bucket, name+"2", minio.PutObjectOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if removed, err := store.Sweep(t.Context(), time.Now().Add(30*24*time.Hour), noRecords); removed != 0 || err != nil {
		t.Errorf("Sweep = %d, %v; want 0", removed, err)
	}
}
