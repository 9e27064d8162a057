import { setFlagsFromString } from 'node:v8';

/**
 * For a command whose memory goes into short-lived buffers: the space for young objects stays as it starts, so they are collected
 * sooner. Node 24 lets them pile up to 40 MB more than Node 20 otherwise.
 */
export function keepMemorySmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
}
