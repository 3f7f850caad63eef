package preview

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"

	"github.com/ulikunitz/xz/lzma"
)

var errLZMA = errors.New("the LZMA data is damaged or too long")

// unpackLZMA returns the size bytes that packed holds in LZMA with these properties. Its
// dictionary has at most size bytes, whatever the properties state.
func unpackLZMA(ctx context.Context, packed, properties []byte, size int) ([]byte, error) {
	if len(properties) != 5 {
		return nil, errLZMA
	}
	dictionary := max(size, lzma.MinDictCap)
	head := binary.LittleEndian.AppendUint32(properties[:1:1], uint32(dictionary)) //nolint:gosec // at most MaxDirectory
	head = binary.LittleEndian.AppendUint64(head, uint64(size))                    //nolint:gosec // the same
	r, err := lzma.ReaderConfig{DictCap: dictionary}.NewReader(bytes.NewReader(append(head, packed...)))
	if err != nil {
		return nil, errors.Join(errLZMA, err)
	}
	return unpackAll(ctx, r, size)
}

// unpackLZMA2 returns the size bytes that packed holds in LZMA2.
func unpackLZMA2(ctx context.Context, packed []byte, size int) ([]byte, error) {
	r, err := lzma.Reader2Config{DictCap: max(size, lzma.MinDictCap)}.NewReader2(bytes.NewReader(packed))
	if err != nil {
		return nil, errors.Join(errLZMA, err)
	}
	return unpackAll(ctx, r, size)
}

// unpackAll reads size bytes of r, in parts, and asks ctx for the time between them.
func unpackAll(ctx context.Context, r io.Reader, size int) ([]byte, error) {
	var all bytes.Buffer
	for all.Len() < size {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if _, err := io.CopyN(&all, r, int64(min(size-all.Len(), 64<<10))); err != nil {
			return nil, errors.Join(errLZMA, err)
		}
	}
	return all.Bytes(), nil
}
