# Writes OUTPUT, a C++ file with the check sum over the object code of ARCHIVES (src/twin/legal_part.hpp).
#   cmake -DARCHIVES=a.a:b.a -DOUTPUT=legal_part.cpp -DOBJCOPY=/usr/bin/objcopy -P cmake/legal_part.cmake
string(REPLACE ":" ";" archives "${ARCHIVES}")
set(sums "")
foreach(archive IN LISTS archives)
  set(code "${OUTPUT}.a")
  # Where the sources lie is debug information; when they were compiled stands in the archive.
  execute_process(COMMAND "${OBJCOPY}" --enable-deterministic-archives --strip-debug "${archive}" "${code}"
    COMMAND_ERROR_IS_FATAL ANY)
  file(SHA256 "${code}" sum)
  file(REMOVE "${code}")
  string(APPEND sums "${sum}")
endforeach()
string(SHA256 sum "${sums}")
string(SUBSTRING "${sum}" 0 8 sum)
set(text "#include \"twin/legal_part.hpp\"\n\nnamespace ferraris::twin {\n\n")
string(APPEND text "const std::uint32_t kLegalPartCheckSum{0x${sum}};\n\n}  // namespace ferraris::twin\n")
file(CONFIGURE OUTPUT "${OUTPUT}" CONTENT "${text}" @ONLY)
