#ifndef PEER_CLIBUV_SHIM_H
#define PEER_CLIBUV_SHIM_H
#include <uv.h>
#endif
