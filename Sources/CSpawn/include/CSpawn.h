// Two actions of a spawned process that <spawn.h> shows with _GNU_SOURCE only, without which Swift reads it.

#pragma once

#include <spawn.h>

/// The child begins in this folder.
int weir_spawn_add_chdir(posix_spawn_file_actions_t *actions, const char *folder);

/// The child has no descriptor from this number on: closed in the child itself, so that none can be missed.
int weir_spawn_add_closefrom(posix_spawn_file_actions_t *actions, int first);
