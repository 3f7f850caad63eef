package database

/*
// SQLite is part of github.com/mattn/go-sqlite3, which declares these for itself alone.
int sqlite3_auto_extension(void (*entry)(void));
int sqlite3_db_config(void *connection, int option, ...);
int sqlite3_config(int option, ...);

static int keep_plans(void *connection, char **error, const void *api) {
	const int query_planner_stability_guarantee = 1007; // SQLITE_DBCONFIG_ENABLE_QPSG
	return sqlite3_db_config(connection, query_planner_stability_guarantee, 1, (int *)0);
}

static int keep_plans_of_all(void) {
	const int memory_statistics = 9; // SQLITE_CONFIG_MEMSTATUS
	int code = sqlite3_config(memory_statistics, 0);
	return code ? code : sqlite3_auto_extension((void (*)(void))keep_plans);
}
*/
import "C"

import (
	"fmt"
	"sync"
)

// keepPlans makes each connection to SQLite that is opened afterwards keep the plan of a
// prepared statement, whatever is bound to it. Else SQLite compiles a statement again each
// time it runs, because the driver clears what was bound before, and that costs more than
// running it: 41 % of the processor time of a small download.
//
// It also makes SQLite count no memory, which nothing here asks for: each allocation of each
// connection would wait for one lock.
var keepPlans = sync.OnceValue(func() error {
	if code := C.keep_plans_of_all(); code != 0 {
		return fmt.Errorf("making SQLite keep its plans: error %d", int(code))
	}
	return nil
})
