#include "image.h"

#include <ctype.h>
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <vector>

namespace standin {
namespace {

const uint16_t machine_cuda = 190;

// Attributes in .nv.info sections: what follows is their value, or its length.
const uint8_t long_value = 4;
const uint8_t attribute_registers = 0x2f; // symbol, registers
const uint8_t attribute_most_threads = 0x05; // x, y, z

// The sections' shared memory of these architectures begins with 1 KiB that the
// driver keeps for itself.
const int reserved_shared_since = 90;
const int reserved_shared_bytes = 1024;

// Up to ABI 7 the architecture is the lowest byte of the flags, later the second.
int architecture_of(const Elf64_Ehdr &header) {
  const uint32_t flags = header.e_flags;
  return header.e_ident[EI_ABIVERSION] < 8 ? flags & 0xff : (flags >> 8) & 0xff;
}

// The kernel's name, if the section's is prefix + name.
bool names_kernel(const char *section, const char *prefix, std::string &kernel) {
  const size_t length = strlen(prefix);
  if (strncmp(section, prefix, length) != 0) return false;
  kernel = section + length;
  return true;
}

template <class Use>
void for_each_attribute(const uint8_t *data, size_t bytes, Use use) {
  size_t at = 0;
  while (at + 4 <= bytes) {
    const uint8_t form = data[at], attribute = data[at + 1];
    const size_t length = data[at + 2] | data[at + 3] << 8;
    at += 4;
    if (form != long_value) continue;
    if (at + length > bytes) return;
    std::vector<uint32_t> words(length / 4);
    if (!words.empty()) memcpy(words.data(), data + at, words.size() * 4);
    use(attribute, words);
    at += length;
  }
}

// The cubin's length is not given: its section table, at its end, says it.
CUresult read_cubin(const char *data, int architecture, Image &image) {
  Elf64_Ehdr header;
  memcpy(&header, data, sizeof header);
  if (header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != machine_cuda ||
      header.e_shentsize != sizeof(Elf64_Shdr) || header.e_shstrndx >= header.e_shnum) {
    return CUDA_ERROR_INVALID_IMAGE;
  }
  image.architecture = architecture_of(header);
  // Code for X.y runs on X.z with z at least y, and nowhere else.
  if (image.architecture / 10 != architecture / 10 || image.architecture > architecture) {
    return CUDA_ERROR_NO_BINARY_FOR_GPU;
  }
  std::vector<Elf64_Shdr> sections(header.e_shnum);
  memcpy(sections.data(), data + header.e_shoff, sections.size() * sizeof(Elf64_Shdr));
  const char *names = data + sections[header.e_shstrndx].sh_offset;
  std::vector<std::string> symbols;
  std::string kernel;
  for (const Elf64_Shdr &section : sections) {
    if (section.sh_type == SHT_SYMTAB) {
      const char *strings = data + sections[section.sh_link].sh_offset;
      for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= section.sh_size; at += sizeof(Elf64_Sym)) {
        Elf64_Sym symbol;
        memcpy(&symbol, data + section.sh_offset + at, sizeof symbol);
        symbols.push_back(strings + symbol.st_name);
      }
    }
    if (names_kernel(names + section.sh_name, ".text.", kernel)) image.kernels[kernel];
  }
  for (const Elf64_Shdr &section : sections) {
    const char *name = names + section.sh_name;
    const uint8_t *content = reinterpret_cast<const uint8_t *>(data) + section.sh_offset;
    if (names_kernel(name, ".nv.shared.", kernel) && image.kernels.count(kernel) > 0) {
      const int reserved = image.architecture >= reserved_shared_since ? reserved_shared_bytes : 0;
      image.kernels[kernel].shared_bytes = int(section.sh_size) - reserved;
    } else if (names_kernel(name, ".nv.info.", kernel) && image.kernels.count(kernel) > 0) {
      for_each_attribute(content, section.sh_size, [&](uint8_t attribute, const std::vector<uint32_t> &words) {
        if (attribute == attribute_most_threads && words.size() == 3) {
          image.kernels[kernel].most_threads = int(words[0] * words[1] * words[2]);
        }
      });
    } else if (strcmp(name, ".nv.info") == 0) {
      for_each_attribute(content, section.sh_size, [&](uint8_t attribute, const std::vector<uint32_t> &words) {
        if (attribute != attribute_registers || words.size() != 2 || words[0] >= symbols.size()) return;
        const auto found = image.kernels.find(symbols[words[0]]);
        if (found != image.kernels.end()) found->second.registers = int(words[1]);
      });
    }
  }
  return CUDA_SUCCESS;
}

// The number after a directive at or after `from`.
bool number_after(const char *from, const char *directive, int &value) {
  const char *found = strstr(from, directive);
  return found != nullptr && sscanf(found + strlen(directive), "%d", &value) == 1;
}

// The PTX manual's release notes: CUDA X.y reads PTX up to (X − 4).y, but that
// CUDA 12.6 brought no new one, so that from there on the minor version is one less.
bool driver_reads_ptx(int driver_version, int major, int minor) {
  const int cuda_major = driver_version / 1000, cuda_minor = driver_version % 1000 / 10;
  const int newest_major = cuda_major - 4;
  const int newest_minor = cuda_major == 12 && cuda_minor >= 6 ? cuda_minor - 1 : cuda_minor;
  return major < newest_major || (major == newest_major && minor <= newest_minor);
}

CUresult read_ptx(const char *text, int architecture, int driver_version, Image &image) {
  image.ptx = true;
  int major = 0, minor = 0;
  const char *version = strstr(text, ".version");
  if (version == nullptr || sscanf(version + strlen(".version"), "%d.%d", &major, &minor) != 2 ||
      !number_after(text, ".target sm_", image.architecture)) {
    return CUDA_ERROR_INVALID_PTX;
  }
  if (!driver_reads_ptx(driver_version, major, minor)) return CUDA_ERROR_UNSUPPORTED_PTX_VERSION;
  if (image.architecture > architecture) return CUDA_ERROR_NO_BINARY_FOR_GPU;
  const char *const entry = ".entry";
  for (const char *at = strstr(text, entry); at != nullptr; at = strstr(at, entry)) {
    at += strlen(entry);
    while (isspace(*at)) at++;
    const char *end = at;
    while (isalnum(*end) || *end == '_' || *end == '$') end++;
    Needs &needs = image.kernels[std::string(at, end)];
    const char *body = strchr(end, '{'), *bound = strstr(end, ".maxntid");
    if (body != nullptr && bound != nullptr && bound < body) {
      number_after(bound, ".maxntid", needs.most_threads);
    }
  }
  return CUDA_SUCCESS;
}

} // namespace

CUresult read_image(const void *data, int architecture, int driver_version, Image &image) {
  const char *text = static_cast<const char *>(data);
  if (strncmp(text, ELFMAG, SELFMAG) == 0) return read_cubin(text, architecture, image);
  if (strstr(text, ".version") != nullptr) return read_ptx(text, architecture, driver_version, image);
  return CUDA_ERROR_INVALID_IMAGE;
}

} // namespace standin
