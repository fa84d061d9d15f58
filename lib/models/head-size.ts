// The head sizes that attention's kernels take: kHeadSizeStep and kMaxHeadSize of cpp/ops/attention.h.
const step = 8
const largest = 256

export const isSupportedHeadSize = (size: number): boolean => size > 0 && size <= largest && size % step === 0

export const supportedHeadSizes = `a multiple of ${step} up to ${largest}`
