// GPUs by the names that --hardware takes. Operations are bf16 products with float32 sums, dense (without sparsity), as data sheets
// give them; prices are for one GPU and hour, on demand, and change weekly: --price sets one's own.

/** A GPU as data sheets and price lists describe it. */
export interface Gpu {
  /** As --hardware takes it, such as `a100-80g`. */
  name: string
  /** bf16 operations a second, at most, dense, with float32 sums. */
  flops: number
  /** Bytes a second, at most. */
  bandwidth: number
  /** Bytes of its memory. */
  memory: number
  /** Dollars an hour, on demand. */
  price: number
  /** Where its figures come from. */
  specSource: string
  /** Where the price was seen, and when. */
  priceSource: string
  /** What else to know of it. */
  remark?: string
}

const runpod = 'RunPod Community, read 2026-11-09: github.com/datareceipts/data-receipts 109-gpu-pricing/vendors.json'
const runpodGuide = 'RunPod, 2026-03-10: deploybase.ai/articles/runpod-gpu-pricing'
const a100 = 'NVIDIA A100 data sheet, as in glennklockwood.com/garden/processors/A100'

/** GPUs that a plan may be made for, by the names that parseHardware() takes; one of one's own has the same fields. */
export const gpus: readonly Gpu[] = [
  {
    ...{ name: 'a100-40g', flops: 312e12, bandwidth: 1555e9, memory: 40e9, price: 1.99, specSource: a100 },
    priceSource: 'Lambda, read 2026-09-20: lambda.ai/instances, 8x NVIDIA A100 SXM 40 GB',
  },
  {
    ...{ name: 'a100-80g', flops: 312e12, bandwidth: 2039e9, memory: 80e9, price: 1.39, specSource: a100 },
    priceSource: runpod,
  },
  {
    ...{ name: 'h100', flops: 989e12, bandwidth: 3350e9, memory: 80e9, price: 2.69, priceSource: runpod },
    specSource: 'NVIDIA H100 SXM5, as in glennklockwood.com/garden/processors/h100',
  },
  {
    ...{ name: 'h200', flops: 989e12, bandwidth: 4800e9, memory: 141e9, price: 3.59, priceSource: runpodGuide },
    specSource: 'NVIDIA H200 SXM, as in itkb.uw.cz/2026/06/nvidia-h200-vs-b300-precisions-cores.html',
  },
  {
    ...{ name: 'l4', flops: 121e12, bandwidth: 300e9, memory: 24e9, price: 0.44, priceSource: runpodGuide },
    specSource: 'NVIDIA L4 data sheet: 242 TFLOP/s with sparsity, half of it without',
  },
  {
    ...{ name: 'a10g', flops: 70e12, bandwidth: 600e9, memory: 24e9, price: 1.006 },
    specSource: 'baseten.co/blog/nvidia-a10-vs-a10g-for-ml-model-inference',
    priceSource:
      'AWS g5.xlarge, us-east-1, 2026-06: factualminds.com/blog/amazon-ec2-on-demand-pricing-instance-families-2026',
  },
  {
    ...{ name: 'rtx-3090', flops: 71e12, bandwidth: 936e9, memory: 24e9, price: 0.22, priceSource: runpodGuide },
    specSource: 'NVIDIA Ampere GA102 white paper: 71 TFLOP/s with float32 sums',
  },
  {
    ...{ name: 'rtx-4090', flops: 165.2e12, bandwidth: 1008e9, memory: 24e9, price: 0.34, priceSource: runpodGuide },
    specSource: 'NVIDIA Ada white paper, as in waredb.com/processor/nvidia-geforce-rtx-4090',
  },
  {
    ...{ name: 't4', flops: 65e12, bandwidth: 320e9, memory: 16e9, price: 0.53 },
    specSource: 'NVIDIA T4 data sheet, as in sysrqmts.com/en/gpus/nvidia/tesla/t4',
    priceSource:
      'AWS g4dn.xlarge, 2026-10: the least list price in huggingface.co/datasets/tanod/cloud-gpu-list-prices',
    remark: 'it has no bf16: the figure is fp16',
  },
]
