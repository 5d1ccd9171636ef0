/* The limit: band-pass, mains notch, rectification and low-pass of eight channels in one pass, float32.
   Second-order sections in transposed direct form II; the eight channels are the lanes of one vector. */
typedef float v8 __attribute__((vector_size(32), aligned(4)));
typedef int i8 __attribute__((vector_size(32), aligned(4)));

enum { SECTIONS = 7, RECTIFY_BEFORE = 5 };

/* x, y: n rows of 8 channels. sos: SECTIONS rows of b0 b1 b2 a1 a2. state: 2 * SECTIONS rows of 8. */
void fused(const float *restrict x, float *restrict y, long n, const float *sos, float *state)
{
    v8 first[SECTIONS], second[SECTIONS];
    for (int k = 0; k < SECTIONS; k++) {
        first[k] = *(const v8 *)(state + 16 * k);
        second[k] = *(const v8 *)(state + 16 * k + 8);
    }
    for (long i = 0; i < n; i++) {
        v8 now = *(const v8 *)(x + 8 * i);
#pragma GCC unroll 7
        for (int k = 0; k < SECTIONS; k++) {
            const float *c = sos + 5 * k;
            if (k == RECTIFY_BEFORE)
                now = (v8)((i8)now & 0x7fffffff);
            v8 out = c[0] * now + first[k];
            first[k] = c[1] * now - c[3] * out + second[k];
            second[k] = c[2] * now - c[4] * out;
            now = out;
        }
        *(v8 *)(y + 8 * i) = now;
    }
    for (int k = 0; k < SECTIONS; k++) {
        *(v8 *)(state + 16 * k) = first[k];
        *(v8 *)(state + 16 * k + 8) = second[k];
    }
}
