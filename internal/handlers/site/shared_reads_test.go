package site

import (
	"errors"
	"testing"
	"testing/synctest"
)

// Those who come while a read runs share the next one, which has what was stored before they came.
func TestSharedReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reads sharedReads[string, int]
		stored, begun, gate := 0, 0, make(chan struct{})
		read := func() (int, error) {
			begun++
			value := stored
			<-gate
			return value, nil
		}
		results := make(chan int)
		ask := func() {
			value, err := reads.do("feed", read)
			if err != nil {
				t.Error(err)
			}
			results <- value
		}
		go ask()
		synctest.Wait()
		stored = 1 // the first read does not have it
		for range 10 {
			go ask()
		}
		synctest.Wait()
		if begun != 1 {
			t.Fatalf("%d reads at once, want 1", begun)
		}
		gate <- struct{}{}
		if value := <-results; value != 0 {
			t.Errorf("the first read has %d, want 0", value)
		}
		synctest.Wait()
		if begun != 2 {
			t.Fatalf("%d reads, want 2: the second serves all who waited", begun)
		}
		gate <- struct{}{}
		for range 10 {
			if value := <-results; value != 1 {
				t.Errorf("a read that was asked for after the change has %d, want 1", value)
			}
		}
		synctest.Wait()
		if begun != 2 || len(reads.reads) != 0 {
			t.Errorf("%d reads and %d keys left, want 2 and none", begun, len(reads.reads))
		}
	})
}

// A read that panics ends with an error for those who waited for it, and the next one begins.
func TestSharedReads_AfterAPanic(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var reads sharedReads[string, int]
		gate := make(chan struct{})
		go func() {
			_, _ = reads.do("feed", func() (int, error) { <-gate; return 0, nil })
		}()
		synctest.Wait()
		go func() {
			defer func() { _ = recover() }()
			_, _ = reads.do("feed", func() (int, error) { panic("broken") })
		}()
		synctest.Wait()
		waited := make(chan error)
		go func() {
			_, err := reads.do("feed", func() (int, error) { return 1, nil })
			waited <- err
		}()
		synctest.Wait()
		close(gate)
		if err := <-waited; !errors.Is(err, errNoRead) {
			t.Errorf("error %v, want %v", err, errNoRead)
		}
		if value, err := reads.do("feed", func() (int, error) { return 2, nil }); value != 2 || err != nil {
			t.Errorf("%d, %v, want 2", value, err)
		}
	})
}
