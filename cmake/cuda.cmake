# CUDA back end: AUTO builds it where both nvcc and a driver are present; ON insists; OFF leaves its kernel slots empty.
# Adds to lengthen_objects, and sets lengthen_cuda_libraries for what links them.
set(LENGTHEN_CUDA_ARCHITECTURES "80;89;90a;100;120" CACHE STRING "GPU architectures, as sm_ numbers")
set(lengthen_has_cuda OFF)
set(lengthen_cuda_libraries "")
if(NOT LENGTHEN_CUDA STREQUAL "OFF")
  find_program(LENGTHEN_NVCC nvcc HINTS $ENV{CUDA_HOME}/bin $ENV{CUDA_PATH}/bin /usr/local/cuda/bin)
  file(GLOB cuda_sources CONFIGURE_DEPENDS cuda/*.cu cuda/*/*.cu cuda/core/*.cpp)
  if(LENGTHEN_CUDA STREQUAL "ON" AND NOT LENGTHEN_NVCC)
    message(FATAL_ERROR "LENGTHEN_CUDA is ON and no nvcc was found")
  endif()
  if(LENGTHEN_CUDA STREQUAL "ON" AND NOT cuda_sources)
    message(FATAL_ERROR "LENGTHEN_CUDA is ON and this source tree has no CUDA kernels yet")
  endif()
  if(LENGTHEN_NVCC AND cuda_sources AND (LENGTHEN_CUDA STREQUAL "ON" OR EXISTS /proc/driver/nvidia/version))
    set(lengthen_has_cuda ON)
  endif()
endif()
message(STATUS "CUDA backend: ${lengthen_has_cuda}")

if(lengthen_has_cuda)
  set(ENV{CUDACXX} ${LENGTHEN_NVCC}) # setting CMAKE_CUDA_COMPILER would skip CMake's own test of it
  set(CMAKE_CUDA_ARCHITECTURES OFF) # set on the target; without it CMake probes a default
  set(CMAKE_CUDA_RUNTIME_LIBRARY Static)
  enable_language(CUDA)
  if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION) # CMake before 3.25.2 does not know nvcc's flag
    set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
    set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
  endif()
  find_package(CUDAToolkit REQUIRED)
  list(TRANSFORM LENGTHEN_CUDA_ARCHITECTURES APPEND "-real" OUTPUT_VARIABLE architectures)
  add_library(lengthen_cuda OBJECT ${cuda_sources})
  set_target_properties(lengthen_cuda PROPERTIES CUDA_STANDARD 20 CUDA_STANDARD_REQUIRED ON
                        CUDA_VISIBILITY_PRESET hidden CUDA_ARCHITECTURES "${architectures}")
  target_include_directories(lengthen_cuda PRIVATE cpp .)
  target_link_libraries(lengthen_cuda PRIVATE CUDA::cudart_static)
  list(APPEND lengthen_objects $<TARGET_OBJECTS:lengthen_cuda>)
  set(lengthen_cuda_libraries CUDA::cudart_static)
endif()
