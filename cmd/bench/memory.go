package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
)

// memory measures the memory growth of a fresh server during one large upload, and during
// eight.
func (b *bench) memory(ctx context.Context) error {
	for _, way := range []struct {
		name string
		uploadRequest
	}{{"raw", b.owner.raw()}, {"multipart", b.owner.multipart()}} {
		for _, most := range []struct {
			uploads int
			aim     float64
		}{{1, 32}, {8, 64}} {
			var grown []float64
			// Eight uploads are a sample of eight already, and take long.
			for range max(1, b.rounds/most.uploads) {
				got, err := b.growth(ctx, way.uploadRequest, most.uploads)
				if err != nil {
					return err
				}
				grown = append(grown, got)
			}
			b.table.most(fmt.Sprintf("memory for %d %s of %d MiB", most.uploads, way.name, b.size>>20), "MiB", median(grown), most.aim)
		}
	}
	return nil
}

func (b *bench) growth(ctx context.Context, s uploadRequest, uploads int) (float64, error) {
	err := b.ours.stop()
	if err != nil {
		return 0, err
	}
	if b.ours, err = startOurs(ctx, b.server, b.oursDir()); err != nil {
		return 0, err
	}
	stored, err := b.stored()
	if err != nil {
		return 0, err
	}
	before, err := b.ours.memory("VmRSS")
	if err = errors.Join(err, b.ours.forgetPeak()); err != nil {
		return 0, err
	}
	paths, errs := make([]string, uploads), make([]error, uploads)
	var group sync.WaitGroup
	for i := range uploads {
		group.Go(func() { paths[i], errs[i] = b.upload(ctx, b.ours.addr, s, 0, b.size) })
	}
	group.Wait()
	if err := errors.Join(errs...); err != nil {
		return 0, err
	}
	peak, err := b.ours.memory("VmHWM")
	return peak - before, errors.Join(err, b.remove(ctx, stored, paths...))
}
