package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ticks is the number of clock ticks in a second of /proc/PID/stat: 100 on each architecture
// that Linux runs Go on.
const ticks = 100

// pids returns the process of the child and its descendants.
func (c *child) pids() []int {
	found := []int{c.cmd.Process.Pid}
	for i := 0; i < len(found); i++ {
		lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", found[i]))
		for _, list := range lists {
			text, _ := os.ReadFile(list) // a thread that ended has no children
			for _, field := range strings.Fields(string(text)) {
				if pid, err := strconv.Atoi(field); err == nil {
					found = append(found, pid)
				}
			}
		}
	}
	return found
}

// sum adds a figure of each process of the child.
func (c *child) sum(figure func(pid int) (float64, error)) (total float64, err error) {
	for i, pid := range c.pids() {
		n, err := figure(pid)
		if i > 0 && errors.Is(err, os.ErrNotExist) {
			continue // a worker that ended
		}
		if err != nil {
			return 0, err
		}
		total += n
	}
	return total, nil
}

// memory returns a field of /proc/PID/status, such as VmRSS, in MiB.
func (c *child) memory(field string) (float64, error) {
	kib, err := c.sum(func(pid int) (float64, error) { return procField(pid, "status", field) })
	return kib / 1024, err
}

// written returns how many bytes the child has sent to a disk.
func (c *child) written() (float64, error) {
	return c.sum(func(pid int) (float64, error) { return procField(pid, "io", "write_bytes") })
}

// processor returns the seconds of processor time that the child has used.
func (c *child) processor() (float64, error) {
	return c.sum(func(pid int) (float64, error) {
		text, err := os.ReadFile(procFile(pid, "stat"))
		if err != nil {
			return 0, err
		}
		// The name of the program, in brackets, may contain spaces.
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		if len(fields) < 13 {
			return 0, errors.New("unknown format of /proc/PID/stat")
		}
		user, err := strconv.ParseFloat(fields[11], 64)
		system, err2 := strconv.ParseFloat(fields[12], 64)
		return (user + system) / ticks, errors.Join(err, err2)
	})
}

// forgetPeak resets VmHWM, the peak memory use (proc(5)).
func (c *child) forgetPeak() error {
	_, err := c.sum(func(pid int) (float64, error) { return 0, os.WriteFile(procFile(pid, "clear_refs"), []byte("5"), 0) })
	return err
}

// procField returns the number after a name in a file of /proc/PID.
func procField(pid int, file, field string) (float64, error) {
	text, err := os.ReadFile(procFile(pid, file))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, field+":"); ok {
			return strconv.ParseFloat(strings.Fields(value)[0], 64)
		}
	}
	return 0, fmt.Errorf("there is no %s", field)
}

func procFile(pid int, file string) string { return filepath.Join("/proc", strconv.Itoa(pid), file) }
