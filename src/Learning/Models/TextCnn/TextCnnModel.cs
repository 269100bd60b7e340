using MetaMap.Core.Parameters;
using MetaMap.Learning.Kernels;
using MetaMap.Training.Configuration;
using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>
/// Embedding, parallel convolutions over 3, 4 and 5 tokens, maximum over the text, ReLU, linear head (Kim 2014). Padding
/// (token 0) is the zero vector. Without batch norm, so transductive and inductive predictions are the same.
/// </summary>
internal sealed class TextCnnModel : IModel
{
    private readonly Convolution _convolution;
    private readonly Func<torch.Tensor, torch.Tensor> _activation;
    private readonly bool _sharesRows;
    private readonly int _head = 1 + 2 * TextCnnDefinition.Widths.Length;

    /// <summary>Creates the network.</summary>
    /// <param name="spec">Named <c>text-cnn</c>.</param>
    /// <param name="convolution">How convolutions are computed.</param>
    public TextCnnModel(ModelSpec spec, Convolution convolution) : this(spec, convolution, features => features.relu()) { }

    /// <summary>Creates it with another (increasing) activation; tests use a smooth one to check gradients against finite differences.</summary>
    internal TextCnnModel(ModelSpec spec, Convolution convolution, Func<torch.Tensor, torch.Tensor> activation)
    {
        Schema = spec.Schema();
        _convolution = convolution;
        _activation = activation;
        _sharesRows = TextCnnDefinition.RowsOf(spec.Input) < spec.Input.Vocabulary;
    }

    /// <inheritdoc />
    public ParameterSchema Schema { get; }

    /// <inheritdoc />
    public bool TakesTasks => true;

    /// <inheritdoc />
    /// <remarks>
    /// The largest values over the text are offered for modulation. They are taken before the activation, which is the same as
    /// after it, because the activation is increasing.
    /// </remarks>
    public torch.Tensor Features(IReadOnlyList<torch.Tensor> parameters, torch.Tensor inputs, ForwardPass pass)
    {
        torch.Tensor isText = inputs.sign().unsqueeze(-1).to(parameters[0].dtype);                    // [texts, length, 1]
        torch.Tensor embedded = (TokenEmbedding.Of(parameters[0], _sharesRows ? RowsOf(inputs, parameters[0].shape[^2]) : inputs) * isText).transpose(-1, -2).unsqueeze(-2);  // [texts, size, 1, length]
        var greatest = new torch.Tensor[TextCnnDefinition.Widths.Length];
        for (int i = 0; i < greatest.Length; i++)
        {
            torch.Tensor features = _convolution.Convolve(embedded, parameters[1 + 2 * i].unsqueeze(-2), parameters[2 + 2 * i]); // [texts, filters, 1, length-width+1]
            greatest[i] = features.squeeze(-2).max(-1).values;                                      // [texts, filters]
        }

        return _activation(pass.Modulate(torch.cat(greatest, -1)));                                  // [texts, 3·filters]
    }

    /// <inheritdoc />
    public torch.Tensor Head(IReadOnlyList<torch.Tensor> parameters, torch.Tensor features) =>
        Linear.Of(features, parameters[_head], parameters[_head + 1]);

    // Neighbours in an alphabet get rows of their own; the row of padding does not matter.
    private static torch.Tensor RowsOf(torch.Tensor tokens, long rows)
    {
        using Scalar count = rows;
        return tokens.remainder(count);
    }
}
