using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>Rows of a table, chosen by whole numbers. Differentiable in the table any number of times, in float32 and float64.</summary>
internal static class TokenEmbedding
{
    /// <summary>Looks tokens up.</summary>
    /// <param name="table">[vocabulary, size].</param>
    /// <param name="tokens">[inputs, length], whole numbers in a floating-point type.</param>
    /// <returns>[inputs, length, size].</returns>
    public static torch.Tensor Of(torch.Tensor table, torch.Tensor tokens) =>
        table.index_select(0, tokens.to(torch.int64).flatten()).reshape(tokens.shape[0], tokens.shape[1], table.shape[1]);
}
