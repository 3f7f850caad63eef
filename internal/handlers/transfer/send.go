package transfer

import (
	"context"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/labstack/echo/v4"

	"example.org/cloakroom/internal/archive"
	"example.org/cloakroom/internal/filetypes"
	"example.org/cloakroom/internal/handlers/gate"
	"example.org/cloakroom/internal/storage"
)

// Bytes are the content of a response, such as a blob, with what the response needs.
type Bytes struct {
	Content     io.ReadSeeker
	Size        int64
	ModTime     time.Time
	MediaType   string // chosen by the site, never by the uploader
	ETag        string
	Disposition string                      // empty: an image in a page
	Cache       string                      // empty: browsers revalidate each time, because access can change
	May         func(context.Context) error // polled while bytes are sent; nil: always allows
	Charged     bool                        // the visitor pays for the bytes; parts of a page are free
	Framed      bool                        // pages of the site can show it in a frame

	// Begin is called once the bytes are charged, right before the first one is sent,
	// and its error is the answer. It is not called for responses without bytes of the
	// content: to HEAD, 304 and 416. End is called after each Begin without an error, also
	// if the response was cut, with the bytes that were sent and the length of the
	// whole response. Either can be nil.
	Begin func() error
	End   func(sent, length int64)
}

// PartOfPage returns the Bytes of a small image in a page: they are free, and access
// is not checked while they are sent.
func PartOfPage(blob *storage.Blob, mediaType, etag string) Bytes {
	return Bytes{Content: blob.ReadSeekCloser, Size: blob.Size, ModTime: blob.ModTime, MediaType: mediaType, ETag: etag}
}

// SendBytes is the only function that serves uploaded bytes, so none are sent without
// its headers. It supports ranges, conditions and HEAD (RFC 9110).
func (l *Line) SendBytes(c echo.Context, what Bytes) error {
	set := func(h http.Header) {
		h.Set(gate.HeaderPolicy, gate.BytesPolicy)
		if what.Framed { // browsers then ignore X-Frame-Options
			h.Set(gate.HeaderPolicy, l.FramedBytesPolicy())
		}
		h.Set(echo.HeaderContentType, filetypes.Header(what.MediaType))
		h.Set("ETag", what.ETag)
		h.Set("Cache-Control", "private, no-cache")
		h.Set("X-Robots-Tag", "noindex")
		if what.Cache != "" {
			h.Set("Cache-Control", what.Cache)
		}
		if what.Disposition != "" {
			h.Set(echo.HeaderContentDisposition, what.Disposition)
		}
	}
	if c.Request().Method == http.MethodHead {
		what.Charged, what.Begin, what.End = false, nil, nil
	}
	return l.send(c, set, what, func(out *minRateWriter) error {
		// The kernel copies if it gets net/http's writer and the *os.File itself.
		content := what.Content
		if file, ok := content.(*os.File); ok {
			content = &sizedFile{file: file, size: what.Size}
		}
		http.ServeContent(out, withRange(c.Request(), what.Size), "", what.ModTime, content)
		if a, ok := what.Content.(*archive.Archive); ok && out.refused == nil {
			return a.Err()
		}
		return nil
	})
}

// SendArchive streams the zip archive that write writes, as a download called name.
// Its length is unknown in advance: it charges size bytes, and refunds what is not
// sent. An error of write aborts the connection, so that the client knows that the
// archive is incomplete.
func (l *Line) SendArchive(c echo.Context, name string, may func(context.Context) error, size int64, write func(io.Writer) error) error {
	set := func(h http.Header) {
		h.Set(echo.HeaderContentType, "application/zip")
		h.Set(echo.HeaderContentDisposition, Disposition("attachment", name))
	}
	if c.Request().Method == http.MethodHead {
		set(c.Response().Header())
		return c.NoContent(http.StatusOK)
	}
	what := Bytes{Size: size, May: may, Charged: true}
	return l.send(c, set, what, func(out *minRateWriter) error {
		if out.WriteHeader(http.StatusOK); out.refused != nil {
			return nil
		}
		return write(out)
	})
}

// headersOfBytes are the headers that send, its callers and http.ServeContent set, in the
// spelling of http.Header.
var headersOfBytes = [...]string{
	"Accept-Ranges", "Cache-Control", echo.HeaderContentDisposition, "Content-Encoding", echo.HeaderContentLength, "Content-Range",
	gate.HeaderPolicy, echo.HeaderContentType, "Etag", "Last-Modified", "X-Robots-Tag",
}

// send lets write send the body of what through the chain of writers in the package
// comment: at a minimum rate, charged, and cut once what.May denies access. set sets
// the headers, which send removes again if the charge or what.Begin refuses. An error
// of write aborts the response.
func (l *Line) send(c echo.Context, set func(http.Header), what Bytes, write func(*minRateWriter) error) error {
	h := c.Response().Header()
	var before [len(headersOfBytes)][]string
	for i, name := range headersOfBytes {
		before[i] = h[name]
	}
	set(h)
	out := newMinRateWriter(c.Response().Writer, l.Options.WriteTimeout)
	defer out.watch(c.Request().Context(), what.May)()
	defer l.admitDownload(c, out, what)()
	err := write(out)
	if out.refused != nil {
		for i, name := range headersOfBytes {
			if h[name] = before[i]; before[i] == nil {
				delete(h, name)
			}
		}
		return out.refused
	}
	c.Response().Status, c.Response().Size, c.Response().Committed = out.status, out.written, true
	if err != nil {
		l.Log.WarnContext(c.Request().Context(), "a download was cut", "user", gate.Visitor(c).ID, "err", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}
