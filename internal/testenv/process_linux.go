package testenv

import "syscall"

func endWithParent(attr *syscall.SysProcAttr, quit syscall.Signal) { attr.Pdeathsig = quit }
