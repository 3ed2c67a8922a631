/* SPDX-License-Identifier: Apache-2.0 */
/* A plugin as another version of vanon would have it. */
#include "detect/plugin.h"

VANON_API const struct vanon_plugin *vanon_plugin_entry(uint32_t abi);

static struct vanon_plugin plugin = {.abi = VANON_PLUGIN_ABI, .tree = VANON_PLUGIN_TREE};

const struct vanon_plugin *vanon_plugin_entry(uint32_t abi)
{
    (void)abi;
    plugin.tree.options++;
    return &plugin;
}
