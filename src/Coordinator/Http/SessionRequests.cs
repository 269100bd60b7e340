using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using MetaMap.Coordinator.Sessions;
using MetaMap.Data;
using Microsoft.AspNetCore.Http;

namespace MetaMap.Coordinator.Http;

/// <summary>Reads what clients send to sessions: JSON, or a form of files (<c>multipart/form-data</c>).</summary>
internal static class SessionRequests
{
    /// <summary>Reads examples to adapt to. In a form, the name of a file's field is its label.</summary>
    /// <exception cref="SessionRefusedException">They cannot be read.</exception>
    public static async Task<(ImmutableArray<ClientExample> Support, int? Version, int? Steps)> Adaptation(HttpRequest request, CancellationToken cancellation)
    {
        if (!request.HasFormContentType)
        {
            AdaptBody body = await Json<AdaptBody>(request, cancellation).ConfigureAwait(false);
            return body.Support.IsDefaultOrEmpty ? throw Bad("support is empty: give a few labelled examples")
                : ([.. body.Support.Select((example, i) => new ClientExample(example?.Label, Content(example, i)))], body.Version, body.Steps);
        }

        IFormCollection form = await Form(request, cancellation).ConfigureAwait(false);
        if (form.Keys.FirstOrDefault(key => key is not ("version" or "steps")) is { } other)
        {
            throw Bad($"the field '{other}' is no file: each example is a file in a field named after its label, and other fields are version and steps");
        }

        return form.Files.Count == 0 ? throw Bad("the form has no files: give each example as a file in a field named after its label")
            : ([.. (await Files(form, cancellation).ConfigureAwait(false)).Select(file => new ClientExample(file.Name, file.Content))], Number(form, "version"), Number(form, "steps"));
    }

    /// <summary>Reads examples to predict. In a form, the names of the fields mean nothing.</summary>
    /// <exception cref="SessionRefusedException">They cannot be read.</exception>
    public static async Task<ImmutableArray<ExampleContent>> Queries(HttpRequest request, CancellationToken cancellation)
    {
        if (request.HasFormContentType)
        {
            IFormCollection form = await Form(request, cancellation).ConfigureAwait(false);
            return [.. (await Files(form, cancellation).ConfigureAwait(false)).Select(file => file.Content)];
        }

        PredictBody body = await Json<PredictBody>(request, cancellation).ConfigureAwait(false);
        ImmutableArray<ExampleContent>[] given =
        [
            .. body.Images is { IsDefault: false } images ? [[.. images.Select((image, i) => Image(image, $"images[{i}]"))]] : (ImmutableArray<ExampleContent>[])[],
            .. body.Texts is { IsDefault: false } texts ? [[.. texts.Select(text => new ExampleContent.Text(text))]] : (ImmutableArray<ExampleContent>[])[],
            .. body.Rows is { IsDefault: false } rows ? [[.. rows.Select((row, i) => Row(row, $"rows[{i}]"))]] : (ImmutableArray<ExampleContent>[])[],
        ];
        return given is [var only] ? only : throw Bad($"the body has {given.Length} of images, texts and rows: give one of them");
    }

    private static ExampleContent Content(SupportBody? example, int i)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"support[{i}]");
        return example switch
        {
            { Image: { } image, Text: null, Row: null } => Image(image, name),
            { Image: null, Text: { } text, Row: null } => new ExampleContent.Text(text),
            { Image: null, Text: null, Row: { } row } => Row(row, name),
            _ => throw Bad($"{name} must have one of image, text and row"),
        };
    }

    private static ExampleContent.Image Image(byte[]? file, string name) => file is { Length: > 0 } ? new ExampleContent.Image(file) : throw Bad($"{name} is empty");

    private static ExampleContent.Row Row(ImmutableDictionary<string, JsonElement>? row, string name) => row is null ? throw Bad($"{name} is null")
        : new ExampleContent.Row(row.ToImmutableDictionary(cell => cell.Key, cell => cell.Value.ValueKind switch
        {
            JsonValueKind.String => cell.Value.GetString()!,
            JsonValueKind.Number => cell.Value.GetRawText(),
            JsonValueKind.Null => "",
            _ => throw Bad($"{name} has '{cell.Key}' that is neither a number nor a text"),
        }));

    private static async Task<T> Json<T>(HttpRequest request, CancellationToken cancellation) where T : class
    {
        if (request.ContentLength == 0)
        {
            throw new BadHttpRequestException("no body was provided");
        }

        try
        {
            return await request.ReadFromJsonAsync<T>(cancellation).ConfigureAwait(false) ?? throw Bad("it is null");
        }
        catch (JsonException error)
        {
            // As where ASP.NET binds a body itself.
            throw new BadHttpRequestException("The request body is not as it should be.", error);
        }
        catch (InvalidOperationException error) when (!request.HasJsonContentType())
        {
            throw new BadHttpRequestException(error.Message, StatusCodes.Status415UnsupportedMediaType, error);
        }
    }

    private static async Task<IFormCollection> Form(HttpRequest request, CancellationToken cancellation)
    {
        try
        {
            return await request.ReadFormAsync(cancellation).ConfigureAwait(false);
        }
        catch (Exception error) when (error is InvalidDataException or IOException and not BadHttpRequestException)
        {
            throw Bad($"the form cannot be read: {error.Message}", error);
        }
    }

    private static async Task<List<(string Name, ExampleContent Content)>> Files(IFormCollection form, CancellationToken cancellation)
    {
        List<(string, ExampleContent)> files = [];
        foreach (IFormFile file in form.Files)
        {
            using MemoryStream bytes = new();
            await file.CopyToAsync(bytes, cancellation).ConfigureAwait(false);
            files.Add((file.Name, Image(bytes.ToArray(), $"the file '{file.FileName}'")));
        }

        return files;
    }

    private static int? Number(IFormCollection form, string name) => !form.TryGetValue(name, out var text) ? null
        : int.TryParse(text.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw Bad($"{name} is '{text}', but it must be a whole number");

    private static SessionRefusedException Bad(string problem, Exception? cause = null) => new(SessionProblem.BadRequest, $"The request cannot be read: {problem}.", cause);
}
