#ifndef PEER_CSODIUM_SHIM_H
#define PEER_CSODIUM_SHIM_H
#include <sodium.h>
#endif
