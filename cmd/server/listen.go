package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"

	"github.com/coreos/go-systemd/v22/activation"
	"github.com/coreos/go-systemd/v22/daemon"
)

// The sockets that a service manager may hand over, by the names it gives them
// (FileDescriptorName= of systemd).
const (
	siteSocket     = "site"     // of the site itself: https, or http behind a proxy
	redirectSocket = "redirect" // of what answers http with the address of the site
)

// listeners are the sockets that the service manager opened for this process,
// by name, as long as nobody asked for them. They let it serve ports 80 and 443
// without the right to open them.
type listeners map[string]net.Listener

// handedOver takes over the sockets of the service manager; there are none if
// the process was started without it. What it hands over and nobody knows is
// an error: its visitors would wait for an answer forever.
func handedOver() (listeners, error) {
	l := listeners{}
	var wrong []error
	for _, file := range activation.Files(true) { // and no child takes them for its own
		if err := l.add(file); err != nil {
			wrong = append(wrong, err)
		}
	}
	if len(wrong) > 0 {
		return nil, fmt.Errorf("taking over the sockets of the service manager: %w", errors.Join(append(wrong, l.close())...))
	}
	return l, nil
}

// add makes a listener of file, which it closes: the listener has a copy.
func (l listeners) add(file *os.File) (err error) {
	defer func() { err = errors.Join(err, file.Close()) }()
	name := file.Name()
	if name != siteSocket && name != redirectSocket {
		return fmt.Errorf("no socket is called %q, only %q and %q are (FileDescriptorName=)", name, siteSocket, redirectSocket)
	}
	if l[name] != nil {
		return fmt.Errorf("two sockets are called %q, and only one may be", name)
	}
	listener, err := net.FileListener(file)
	if err != nil {
		return fmt.Errorf("%q is no socket to listen on: %w", name, err)
	}
	// Limits and the audit log know visitors by their address.
	if _, ok := listener.(*net.TCPListener); !ok {
		return errors.Join(fmt.Errorf("%q is a socket of %s, and must be of TCP", name, listener.Addr().Network()), listener.Close())
	}
	l[name] = listener
	return nil
}

// listen returns the socket that was handed over by this name, else a new one
// on addr. The caller closes it.
func (l listeners) listen(ctx context.Context, name, addr string) (net.Listener, error) {
	if listener := l[name]; listener != nil {
		delete(l, name)
		return listener, nil
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("listening for the %s: %w", name, err)
	}
	return listener, nil
}

// left names the sockets that nobody asked for, for a warning: the service
// manager keeps them open, so their visitors wait and get no answer.
func (l listeners) left() string {
	return strings.Join(slices.Sorted(maps.Keys(l)), ", ")
}

// close closes the sockets that nobody asked for.
func (l listeners) close() error {
	var err error
	for _, listener := range l {
		err = errors.Join(err, listener.Close())
	}
	return err
}

// tellManager tells the service manager a state of the process, such as
// daemon.SdNotifyReady. Without a manager that asks for it, nothing happens.
func tellManager(state string) error {
	if _, err := daemon.SdNotify(false, state); err != nil {
		return fmt.Errorf("telling the service manager: %w", err)
	}
	return nil
}
