using MetaMap.Learning.Tensors;
using TorchSharp;

namespace MetaMap.Learning.Models;

/// <summary>Rows of a table, chosen by whole numbers. Differentiable in the table any number of times, in float32 and float64.</summary>
internal static class TokenEmbedding
{
    /// <summary>Looks tokens up.</summary>
    /// <param name="table">[vocabulary, size] or [tasks, vocabulary, size].</param>
    /// <param name="tokens">[inputs, length] or [tasks, inputs, length], whole numbers in a floating-point type.</param>
    /// <returns>[inputs, length, size] or [tasks, inputs, length, size].</returns>
    public static torch.Tensor Of(torch.Tensor table, torch.Tensor tokens)
    {
        torch.Tensor rows = tokens.to(torch.int64);
        if (table.dim() == 3)
        {
            // The tables of all tasks below each other.
            long vocabulary = table.shape[1];
            long[] first = [.. Enumerable.Range(0, (int)table.shape[0]).Select(task => task * vocabulary)];
            rows = rows.Plus(torch.tensor(first, device: table.device).reshape(-1, 1, 1));
            table = table.flatten(0, 1);
        }

        return table.index_select(0, rows.flatten()).reshape([.. tokens.shape, table.shape[1]]);
    }
}
