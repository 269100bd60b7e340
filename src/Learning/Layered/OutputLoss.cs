using System.Numerics;
using System.Numerics.Tensors;

namespace MetaMap.Learning.Layered;

/// <summary>A mean loss of a head's outputs, with its gradient and the gradient's tangent. Padded outputs do not count.</summary>
/// <typeparam name="T">float or double.</typeparam>
internal abstract class OutputLoss<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <summary>The loss, and its gradient by the outputs.</summary>
    public abstract T Differentiate(Matrix<T> outputs, Matrix<T> gradient);

    /// <summary>The tangent of the gradient along a tangent of the outputs.</summary>
    public abstract void Tangent(Matrix<T> outputs, Matrix<T> outputTangent, Matrix<T> gradientTangent);
}

/// <summary>Mean cross-entropy against labels.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="labels">One per example.</param>
/// <param name="classes">Outputs without padding.</param>
internal sealed class CrossEntropy<T>(long[] labels, int classes) : OutputLoss<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    private readonly T[] _probabilities = new T[classes];

    /// <inheritdoc />
    public override T Differentiate(Matrix<T> outputs, Matrix<T> gradient)
    {
        T total = T.Zero;
        T n = T.CreateChecked(labels.Length);
        for (int example = 0; example < labels.Length; example++)
        {
            ReadOnlySpan<T> logits = outputs.Span.Slice(example * outputs.Columns, classes);
            Span<T> into = gradient.Span.Slice(example * outputs.Columns, classes);
            T greatest = TensorPrimitives.Max(logits);
            T sum = T.Zero;
            for (int c = 0; c < classes; c++)
            {
                into[c] = T.Exp(logits[c] - greatest);
                sum += into[c];
            }

            int label = (int)labels[example];
            total += T.Log(sum) + greatest - logits[label];
            for (int c = 0; c < classes; c++)
            {
                into[c] = (into[c] / sum - (c == label ? T.One : T.Zero)) / n;
            }
        }

        return total / n;
    }

    /// <inheritdoc />
    public override void Tangent(Matrix<T> outputs, Matrix<T> outputTangent, Matrix<T> gradientTangent)
    {
        T n = T.CreateChecked(labels.Length);
        Span<T> p = _probabilities;
        for (int example = 0; example < labels.Length; example++)
        {
            ReadOnlySpan<T> tangent = outputTangent.Span.Slice(example * outputs.Columns, classes);
            Span<T> into = gradientTangent.Span.Slice(example * outputs.Columns, classes);
            TensorPrimitives.SoftMax(outputs.Span.Slice(example * outputs.Columns, classes), p);
            T mean = TensorPrimitives.Dot(p, tangent);
            for (int c = 0; c < classes; c++)
            {
                into[c] = p[c] * (tangent[c] - mean) / n;
            }
        }
    }
}

/// <summary>Mean squared error against values, over all values.</summary>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="values">One example after the other.</param>
/// <param name="length">Outputs without padding.</param>
internal sealed class SquaredError<T>(float[] values, int length) : OutputLoss<T> where T : unmanaged, IBinaryFloatingPointIeee754<T>
{
    /// <inheritdoc />
    public override T Differentiate(Matrix<T> outputs, Matrix<T> gradient)
    {
        T total = T.Zero;
        T n = T.CreateChecked(values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            int at = i / length * outputs.Columns + i % length;
            T difference = outputs.Span[at] - T.CreateChecked(values[i]);
            total += difference * difference;
            gradient.Span[at] = T.CreateChecked(2) * difference / n;
        }

        return total / n;
    }

    /// <inheritdoc />
    public override void Tangent(Matrix<T> outputs, Matrix<T> outputTangent, Matrix<T> gradientTangent)
    {
        T factor = T.CreateChecked(2) / T.CreateChecked(values.Length);
        for (int i = 0; i < values.Length; i++)
        {
            int at = i / length * outputs.Columns + i % length;
            gradientTangent.Span[at] = factor * outputTangent.Span[at];
        }
    }
}
