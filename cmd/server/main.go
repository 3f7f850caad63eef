// Command server is Cloakroom: the site, and the commands of its operator.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := program{args: os.Args[1:], environ: os.Environ(), in: os.Stdin, out: os.Stdout, err: os.Stderr}
	if err := p.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// A program is one run of the command, with all it touches from outside.
type program struct {
	args    []string
	environ []string
	in      io.Reader
	out     io.Writer // results; of serve, the log
	err     io.Writer // messages to the operator; of the other commands, the log too
}
