package images

import (
	"bytes"
	"compress/gzip"
	"context"
	"embed"
	"errors"
	"fmt"
	"io"
	"sync"
	"syscall"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

// decoders holds what scripts/decoders fetches; without it, only .gitkeep.
//
//go:embed all:decoders
var decoders embed.FS

const (
	// maxEncoded is the largest HEIC or AVIF that is decoded, in bytes.
	maxEncoded = 64 << 20

	// sandboxMemory is what a decoder in a sandbox takes besides the pixels and the file, in bytes.
	sandboxMemory = 64 << 20

	// sandboxIdle is how long a compiled decoder is kept after its last image. It takes some 40 MiB.
	sandboxIdle = time.Minute

	wasmPage = 64 << 10
)

// A sandbox decodes images of one type by a program in WebAssembly, which reaches nothing but
// memory of its own: neither files nor the memory of the server. It is compiled when an image
// comes, and forgotten when none has come for a while.
type sandbox struct {
	mu       sync.Mutex
	running  int            // images that are decoded
	runtime  wazero.Runtime // nil: not compiled
	compiled wazero.CompiledModule
	idle     *time.Timer
}

// guestMemory returns what a guest takes besides the pixels of a file of this size, in bytes:
// the file, and as much again.
func guestMemory(size int64) int64 { return sandboxMemory + 2*min(size, maxEncoded) }

// decode starts the program, a file in decoders, reads size bytes of src into its memory, and
// calls read. It gets at most memory bytes, and is stopped when ctx ends.
func (s *sandbox) decode(
	ctx context.Context, program string, src io.Reader, size, memory int64, read func(*guest) error,
) error {
	if size > maxEncoded {
		return errTooLong
	}
	if err := s.begin(program); err != nil {
		return err
	}
	defer s.end()
	limit := memory + guestMemory(size)
	ctx = experimental.WithMemoryAllocator(ctx, experimental.MemoryAllocatorFunc(func(_, most uint64) experimental.LinearMemory {
		return newMapped(min(most, uint64(limit)))
	}))
	module, err := s.runtime.InstantiateModule(ctx, s.compiled, wazero.NewModuleConfig().WithName(""))
	if err != nil {
		return fmt.Errorf("starting the decoder: %w", err)
	}
	defer module.Close(context.WithoutCancel(ctx)) //nolint:errcheck // its memory is freed either way
	g := &guest{ctx: ctx, module: module, size: uint64(size)}
	g.input = g.alloc(g.size)
	input := g.bytes(g.input, g.size)
	if g.err != nil {
		return g.err
	}
	if _, err := io.ReadFull(src, input); err != nil {
		return fmt.Errorf("reading an image: %w", err)
	}
	return errors.Join(read(g), g.err)
}

var (
	errTooLong = errors.New("the file is too large to be decoded")
	errGuest   = errors.New("the decoder did not take the image")
	errMissing = errors.New("the server was built without the decoder: run make assets")
)

// begin makes the program ready, until end.
func (s *sandbox) begin(program string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runtime == nil {
		if err := s.compile(program); err != nil {
			return err
		}
	}
	s.running++
	return nil
}

func (s *sandbox) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running--; s.running > 0 {
		return
	}
	if s.idle != nil {
		s.idle.Stop()
	}
	s.idle = time.AfterFunc(sandboxIdle, s.forget)
}

// compile compiles the program. The caller holds s.mu.
func (s *sandbox) compile(program string) error {
	packed, err := decoders.ReadFile("decoders/" + program)
	if err != nil {
		return errMissing
	}
	unpacked, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return fmt.Errorf("unpacking a decoder: %w", err)
	}
	code, err := io.ReadAll(unpacked)
	if err != nil {
		return fmt.Errorf("unpacking a decoder: %w", err)
	}
	ctx := context.Background() //nolint:contextcheck // the runtime serves later images, too
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfig().WithCloseOnContextDone(true))
	if _, err = wasi_snapshot_preview1.Instantiate(ctx, runtime); err == nil {
		s.compiled, err = runtime.CompileModule(ctx, code)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("compiling a decoder: %w", err), runtime.Close(ctx))
	}
	s.runtime = runtime
	return nil
}

// forget frees the compiled program.
func (s *sandbox) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.runtime != nil && s.running == 0 {
		_ = s.runtime.Close(context.Background()) // nothing of it runs
		s.runtime, s.compiled = nil, nil
	}
}

// A guest is a program that runs, with the image. After an error, its methods do nothing.
type guest struct {
	ctx    context.Context //nolint:containedctx // it lives as long as the guest
	module api.Module
	input  uint64 // where the image is
	size   uint64 // of the image, in bytes
	err    error
}

// call calls a function of the guest.
func (g *guest) call(name string, args ...uint64) uint64 {
	if g.err != nil {
		return 0
	}
	results, err := g.module.ExportedFunction(name).Call(g.ctx, args...)
	if err != nil || len(results) != 1 {
		g.err = errors.Join(err, errGuest)
		return 0
	}
	return results[0]
}

// alloc returns the address of new memory of the guest.
func (g *guest) alloc(size uint64) uint64 {
	at := g.call("malloc", size)
	if at == 0 && g.err == nil {
		g.err = errGuest
	}
	return at
}

// number returns the number at an address.
func (g *guest) number(at uint64) int {
	value, ok := g.module.Memory().ReadUint32Le(uint32(at))
	if !ok && g.err == nil {
		g.err = errGuest
	}
	return int(value)
}

// bytes returns memory of the guest, which is only valid until the guest goes on.
func (g *guest) bytes(at, size uint64) []byte {
	if g.err != nil {
		return nil
	}
	b, ok := g.module.Memory().Read(uint32(at), uint32(size))
	if !ok || at > 1<<32-1 || size > 1<<32-1 {
		g.err = errGuest
		return nil
	}
	return b
}

// mapped is the memory of a guest. It is mapped whole, so that it never moves, and is given
// back when the guest ends. The system provides those pages that are used.
type mapped struct{ all []byte }

func newMapped(most uint64) *mapped {
	all, err := syscall.Mmap(-1, 0, int(most/wasmPage*wasmPage), syscall.PROT_READ|syscall.PROT_WRITE,
		syscall.MAP_ANON|syscall.MAP_PRIVATE|syscall.MAP_NORESERVE)
	if err != nil {
		return &mapped{}
	}
	return &mapped{all}
}

// Reallocate implements experimental.LinearMemory.
func (m *mapped) Reallocate(size uint64) []byte {
	if size > uint64(len(m.all)) {
		return nil
	}
	return m.all[:size]
}

// Free implements experimental.LinearMemory.
func (m *mapped) Free() {
	if m.all != nil {
		_ = syscall.Munmap(m.all) // it fails only for what was not mapped
		m.all = nil
	}
}
