package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// starts measures how soon the server answers with a database that exists, what memory it has
// then, and how large the program is without its symbols.
func (b *bench) starts(ctx context.Context) error {
	dir := filepath.Join(b.dir, "start")
	var took, resident, own []float64
	for i := range 1 + 2*b.rounds {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return err
		}
		begin := time.Now()
		c, err := startOurs(ctx, b.server, dir)
		if err != nil {
			return err
		}
		waited := time.Since(begin)
		memory, err := c.memory("VmRSS")
		its, err2 := c.memory("RssAnon")
		if err = errors.Join(err, err2, c.stop()); err != nil {
			return err
		}
		if i > 0 { // the first start makes the database
			took, resident, own = append(took, ms(waited)), append(resident, memory), append(own, its)
		}
	}
	b.table.most(fmt.Sprintf("start to the first answer, median of %d", len(took)), "ms", median(took), 40)
	b.table.most("resident memory at the first answer", "MiB", median(resident), 35)
	b.table.say("  without what is mapped from its file", "MiB", median(own))
	small := filepath.Join(b.dir, "stripped")
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", small, "./cmd/server")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	info, err := os.Stat(small)
	if err != nil {
		return err
	}
	b.table.most("program without symbols", "MB", float64(info.Size())/1e6, 40)
	return nil
}

// idle measures what a server does when nobody asks it for anything. The first seconds after
// the start do not count.
func (b *bench) idle(ctx context.Context) error {
	dir := filepath.Join(b.dir, "idle")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	c, err := startOurs(ctx, b.server, dir)
	if err != nil {
		return err
	}
	err = b.watch(ctx, c)
	return errors.Join(err, c.stop())
}

func (b *bench) watch(ctx context.Context, c *child) error {
	if err := pause(ctx, 10*time.Second); err != nil {
		return err
	}
	busy, err := c.processor()
	wrote, err2 := c.written()
	if err := errors.Join(err, err2, pause(ctx, b.rest)); err != nil {
		return err
	}
	busyAfter, err := c.processor()
	wroteAfter, err2 := c.written()
	resident, err3 := c.memory("VmRSS")
	own, err4 := c.memory("RssAnon")
	if err := errors.Join(err, err2, err3, err4); err != nil {
		return err
	}
	b.table.most(fmt.Sprintf("idle for %s: of a processor", b.rest), "%", 100*(busyAfter-busy)/b.rest.Seconds(), 0.1)
	b.table.most("  written", "kB/s", (wroteAfter-wrote)/1000/b.rest.Seconds(), 0)
	b.table.most("  resident memory after it", "MiB", resident, 35)
	b.table.say("  without what is mapped from its file", "MiB", own)
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}
