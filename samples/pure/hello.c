/*
 * Writes a greeting to every descriptor in the list that its structured arguments are. It knows no numbers, and it is given no
 * descriptor that is not in the list but that of the arguments.
 */
#include <embryo.h>
#include <stdio.h>

int main(void) {
  unsigned char buffer[4096];
  struct embryo_value each, left = embryo_members(embryo_arguments(buffer, sizeof buffer), EMBRYO_LIST);
  while (embryo_next(&left, &each)) {
    if (embryo_descriptor(each) >= 0) dprintf(embryo_descriptor(each), "Hello, world\n");
  }
  return 0;
}
