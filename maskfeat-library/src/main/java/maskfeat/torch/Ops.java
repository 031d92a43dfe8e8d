package maskfeat.torch;

import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.DoubleOptional;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRef;
import org.bytedeco.pytorch.TensorList;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/** libtorch operators whose bindings are awkward or missing, under plain names. */
public final class Ops {
    private static final int VECTOR = 16; // floats of AVX-512

    static {
        Natives.ready();
    }

    private Ops() {}

    /** {@code x weight' + bias}; x [..., in], weight [out, in], bias [out]. */
    public static Tensor linear(Tensor x, Tensor weight, Tensor bias) {
        if (Detour.BIAS.isTaken()) {
            return linear(x, weight).add(bias.to(ScalarType.BFloat16));
        }
        Flops.linear(x, weight);
        return torch.linear(x, weight, new TensorOptional(bias));
    }

    /** Itself, or in float32 what was computed in bfloat16. */
    public static Tensor float32(Tensor x) {
        return x.scalar_type().intern() == ScalarType.BFloat16 ? x.to(ScalarType.Float) : x;
    }

    /** Normalisation over the last axis, in float32 whatever comes in; x [..., C], weight and bias [C]. */
    public static Tensor layerNorm(Tensor x, Tensor weight, Tensor bias, double eps) {
        return torch.layer_norm(
                float32(x),
                new long[] {weight.size(0)},
                new TensorOptional(weight),
                new TensorOptional(bias),
                eps,
                true);
    }

    /** Normalisation over the last axis to mean 0 and variance 1; x [..., C]. */
    public static Tensor standardised(Tensor x, double eps) {
        return torch.layer_norm(
                x, new long[] {x.size(x.dim() - 1)}, new TensorOptional(), new TensorOptional(), eps, true);
    }

    /** {@code x weight'}; x [..., in], weight [out, in]. */
    public static Tensor linear(Tensor x, Tensor weight) {
        Flops.linear(x, weight);
        return torch.linear(x, weight, new TensorOptional());
    }

    /**
     * Normalisation over the first axis; x [B, C], everything else [C].
     *
     * @param affine weight and bias; empty for none
     * @param training whether the statistics are those of x, towards which the running ones are moved in place by
     *     {@code momentum}; or the running ones
     */
    public static Tensor batchNorm(
            Tensor x,
            List<Tensor> affine,
            Tensor runningMean,
            Tensor runningVar,
            boolean training,
            double momentum,
            double eps) {
        return torch.batch_norm(
                x,
                affine.isEmpty() ? new TensorOptional() : new TensorOptional(affine.get(0)),
                affine.isEmpty() ? new TensorOptional() : new TensorOptional(affine.get(1)),
                new TensorOptional(runningMean),
                new TensorOptional(runningVar),
                training,
                momentum,
                eps,
                false);
    }

    /**
     * {@code softmax(q k' / sqrt(D)) v}; each [B, heads, N, D]. Never builds the N x N matrix where a fused kernel
     * fits and is fast.
     */
    public static Tensor attention(Tensor q, Tensor k, Tensor v) {
        Flops.attention(q, k, v);
        if (Detour.ATTENTION.isTaken()) {
            Tensor scaled = k.mul(new Scalar(1 / Math.sqrt(q.size(3))));
            return torch.softmax(q.matmul(scaled.transpose(2, 3)), -1).matmul(v);
        }
        return torch.scaled_dot_product_attention(
                q, k, v, new TensorOptional(), 0.0, false, new DoubleOptional(), false);
    }

    /** Matrix products; left [B, n, m], right [B, m, k]. */
    public static Tensor bmm(Tensor left, Tensor right) {
        Tensor product = left.bmm(right);
        Flops.product(left, right, product);
        return product;
    }

    /** Matrix products over the last two axes, the others broadcast; left [..., n, m], right [..., m, k]. */
    public static Tensor matmul(Tensor left, Tensor right) {
        Tensor product = left.matmul(right);
        Flops.product(left, right, product);
        return product;
    }

    /** Cross-correlation; x [B, in, H, W], weight [out, in, kh, kw], bias [out], no padding. */
    public static Tensor conv2d(Tensor x, Tensor weight, Tensor bias, long stride) {
        return conv2d(x, weight, bias, stride, 0);
    }

    /** As above, with so many zeros on each side. */
    public static Tensor conv2d(Tensor x, Tensor weight, Tensor bias, long stride, long padding) {
        Tensor y = torch.conv2d(
                x,
                weight,
                new TensorOptional(bias),
                new long[] {stride, stride},
                new long[] {padding, padding},
                new long[] {1, 1},
                1);
        Flops.convolution(x, weight, y);
        return y;
    }

    /** Cross-correlation; x [B, in, T, H, W], weight [out, in, kt, kh, kw], bias [out]. */
    public static Tensor conv3d(Tensor x, Tensor weight, Tensor bias, long[] stride, long[] padding) {
        // In bfloat16 libtorch 2.10 gets it wrong on some processors (seen on Zen 5), unless channels fill whole
        // vectors.
        return weight.size(0) % VECTOR != 0 && Autocast.isOnProcessor()
                ? Autocast.float32Within(() -> conv3dAsIs(float32(x), weight, bias, stride, padding))
                : conv3dAsIs(x, weight, bias, stride, padding);
    }

    private static Tensor conv3dAsIs(Tensor x, Tensor weight, Tensor bias, long[] stride, long[] padding) {
        Tensor y = torch.conv3d(x, weight, new TensorOptional(bias), stride, padding, new long[] {1, 1, 1}, 1);
        Flops.convolution(x, weight, y);
        return y;
    }

    /**
     * Depthwise 3 x 3 cross-correlation with zero padding of 1. A channels-last tensor stays channels-last.
     *
     * @param x [B, C, H, W]
     * @param weight [C, 1, 3, 3]
     */
    public static Tensor depthwise3x3(Tensor x, Tensor weight, long stride) {
        return stride > 1 && Detour.STRIDED_DEPTHWISE.isTaken()
                ? Autocast.float32Within(() -> depthwiseAsIs(float32(x), weight, stride))
                : depthwiseAsIs(x, weight, stride);
    }

    private static Tensor depthwiseAsIs(Tensor x, Tensor weight, long stride) {
        Tensor y = torch.conv2d(
                x,
                weight,
                new TensorOptional(),
                new long[] {stride, stride},
                new long[] {1, 1},
                new long[] {1, 1},
                weight.size(0));
        Flops.convolution(x, weight, y);
        return y;
    }

    /** Max pooling over 3 x 3 windows, where padding never wins; x [B, C, H, W]. Keeps the memory layout. */
    public static Tensor maxPool3x3(Tensor x, long stride) {
        return torch.max_pool2d(
                x, new long[] {3, 3}, new long[] {stride, stride}, new long[] {1, 1}, new long[] {1, 1}, false);
    }

    /** Max pooling over 2 x 2 windows side by side; x [B, C, H, W], the result [B, C, H / 2, W / 2], rounded down. */
    public static Tensor maxPool2x2(Tensor x) {
        return torch.max_pool2d(x, new long[] {2, 2}, new long[] {2, 2}, new long[] {0, 0}, new long[] {1, 1}, false);
    }

    /** The binary cross entropy of logits with labels, both of one shape, summed to a scalar. */
    public static Tensor sumOfBinaryCrossEntropy(Tensor logits, Tensor labels) {
        return torch.binary_cross_entropy_with_logits(
                logits, labels, new TensorOptional(), new TensorOptional(), torch.Reduction.Sum.value);
    }

    /** The largest value of each map, of equal ones the first; x [B, C, H, W], the result [B, C]. */
    public static Tensor maxOfMap(Tensor x) {
        long[] window = {x.size(2), x.size(3)};
        return torch.max_pool2d(x, window, window, new long[] {0, 0}, new long[] {1, 1}, false)
                .flatten(1, 3);
    }

    /** Splits along an axis into pieces of these sizes. The backward pass joins their gradients in one copy. */
    public static Tensor[] split(Tensor x, long dim, long... sizes) {
        return handles(torch.split_with_sizes(x, sizes, dim));
    }

    /** The slices along an axis, without that axis. The backward pass joins their gradients in one copy. */
    public static Tensor[] unbind(Tensor x, long dim) {
        return handles(torch.unbind(x, dim));
    }

    /** Concatenates along an axis. */
    public static Tensor cat(long dim, Tensor... pieces) {
        return torch.cat(new TensorVector(pieces), dim);
    }

    /** Copies the handles, because those that a vector returns dangle once it is freed. */
    private static Tensor[] handles(TensorVector tensors) {
        Tensor[] handles = new Tensor[Math.toIntExact(tensors.size())];
        for (int i = 0; i < handles.length; i++) {
            handles[i] = new Tensor(tensors.get(i));
        }
        return handles;
    }

    /** 0, 1, ... count - 1 as long, on the device of {@code like}. */
    public static Tensor range(long count, Tensor like) {
        return torch.arange(new Scalar(count), Arrays.options(ScalarType.Long, like.device()));
    }

    /** Linear interpolation to another number of rows, pixel centres aligned; x [rows, C]. */
    public static Tensor resizeRows(Tensor x, long rows) {
        return torch.upsample_linear1d(x.t().unsqueeze(0), new long[] {rows}, false)
                .squeeze(0)
                .t();
    }

    /** Bicubic interpolation of images to another size, pixel centres aligned, without antialiasing; x [B, C, H, W]. */
    public static Tensor resizeBicubic(Tensor x, long height, long width) {
        return torch.upsample_bicubic2d(x, new long[] {height, width}, false);
    }

    /**
     * As above, with pixel centres placed by given factors of enlargement instead of by the two sizes; x [B, C, H, W]. Of places
     * beyond the border the border counts.
     */
    public static Tensor resizeBicubic(Tensor x, long height, long width, double factorOfHeight, double factorOfWidth) {
        return torch.upsample_bicubic2d(
                x,
                new long[] {height, width},
                false,
                new DoubleOptional(factorOfHeight),
                new DoubleOptional(factorOfWidth));
    }

    /** Linear interpolation of images to another size, pixel centres aligned, without antialiasing; x [B, C, H, W]. */
    public static Tensor resizeBilinear(Tensor x, long height, long width) {
        return torch.upsample_bilinear2d(x, new long[] {height, width}, false);
    }

    /** The means of an image's parts, which together cover it; x [B, C, H, W], the result [B, C, height, width]. */
    public static Tensor averageOnGrid(Tensor x, long height, long width) {
        return torch.adaptive_avg_pool2d(x, height, width);
    }

    /** Rows divided by their L2 norms, or by 1e-12 where a norm is smaller; x [N, C]. */
    public static Tensor unitRows(Tensor x) {
        Tensor norms = x.norm(new ScalarOptional(new Scalar(2)), new long[] {1}, true);
        return x.div(norms.clamp_min(new Scalar(1e-12)));
    }

    /** Index of the largest value along an axis. */
    public static Tensor argmax(Tensor x, long axis) {
        return x.argmax(new LongOptional(axis), false);
    }

    /** The L2 norm over all values of all these tensors, a scalar on their device. */
    public static Tensor globalNorm(TensorVector tensors) {
        IValueVector stack = new IValueVector(list(tensors), new IValue(2.0), new IValue());
        FOREACH_NORM.callBoxed(stack);
        TensorVector norms = stack.get(0).toTensorVector();
        return torch.linalg_vector_norm(torch.stack(norms));
    }

    /**
     * One AdamW step over all tensors in one call (Loshchilov and Hutter 2019, Algorithm 2): decoupled decay, then the
     * bias-corrected update. Gradients are divided by {@code gradScale} first; if {@code foundInf} is 1, nothing
     * changes. Entry i of every list belongs to parameter i.
     *
     * @param steps number t of this step for each tensor, scalars, counted from 1
     * @param gradScale scalar on the device
     * @param foundInf scalar on the device, 0 or 1
     */
    public static void fusedAdamW(
            TensorVector parameters,
            TensorVector gradients,
            TensorVector firstMoments,
            TensorVector secondMoments,
            TensorVector steps,
            double learningRate,
            double beta1,
            double beta2,
            double weightDecay,
            double eps,
            Tensor gradScale,
            Tensor foundInf) {
        IValueVector stack = new IValueVector(
                list(parameters),
                list(gradients),
                list(firstMoments),
                list(secondMoments),
                list(new TensorVector()),
                list(steps),
                new IValue(learningRate),
                new IValue(beta1),
                new IValue(beta2),
                new IValue(weightDecay),
                new IValue(eps),
                new IValue(false),
                new IValue(false),
                new IValue(gradScale),
                new IValue(foundInf));
        FUSED_ADAMW.callBoxed(stack);
    }

    private static IValue list(TensorVector tensors) {
        return new IValue(new GenericList(new TensorList(new TensorArrayRef(tensors))));
    }

    private static final OperatorHandle FUSED_ADAMW = operator("aten::_fused_adamw_", "");
    private static final OperatorHandle FOREACH_NORM = operator("aten::_foreach_norm", "Scalar");

    /** An operator by its schema name. Kept for ever, because this class may be initialised inside a scope. */
    private static OperatorHandle operator(String name, String overload) {
        return Scopes.keep(Dispatcher.singleton().findSchemaOrThrow(name, overload));
    }

    /** A number that changes with any bit of these tensors of single precision, however it is summed. */
    public static long bits(Iterable<Tensor> tensors) {
        long sum = 0;
        try (PointerScope scope = new PointerScope();
                NoGradGuard guard = new NoGradGuard()) {
            for (Tensor tensor : tensors) {
                Tensor bits =
                        tensor.detach().contiguous().view(torch.ScalarType.Int).to(torch.ScalarType.Long);
                sum = 31 * sum + bits.sum().item_long();
            }
        }
        return sum;
    }
}
