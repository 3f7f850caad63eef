package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
)

var benchmarkLine = regexp.MustCompile(`(?m)^Benchmark(Thumbnails|DecodePlusBox)\S*\s+\d+\s+([\d.]+) ns/op`)

// thumbnails runs the Go benchmarks of package images, which compare making both thumbnails
// with the least work that this requires.
func (b *bench) thumbnails(ctx context.Context) error {
	cmd := exec.CommandContext(ctx, "go", "test", "./internal/images", "-run", "^$",
		"-bench", "^Benchmark(Thumbnails|DecodePlusBox)$", "-benchtime", "10x", "-count", strconv.Itoa(b.rounds))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("%w\n%s", err, out)
	}
	took := map[string][]float64{}
	for _, found := range benchmarkLine.FindAllSubmatch(out, -1) {
		ns, err := strconv.ParseFloat(string(found[2]), 64)
		if err != nil {
			return err
		}
		took[string(found[1])] = append(took[string(found[1])], ns/1e6)
	}
	ours, bare := median(took["Thumbnails"]), median(took["DecodePlusBox"])
	if ours == 0 || bare == 0 {
		return errors.New("there are no such benchmarks")
	}
	b.table.rows = append(b.table.rows, [8]string{
		"thumbnails of 12 megapixels", figure(ours, "ms"), figure(bare, "ms"), "", fmt.Sprintf("%.2f", ours/bare), "", "≤ 1.10 of bare",
		verdict(ours <= 1.1*bare),
	})
	return nil
}
