using System.Collections.Immutable;
using MetaMap.Core;
using MetaMap.Data.Files;

namespace MetaMap.Data.Images;

/// <summary>Reads somebody's own images: a folder for each label, images without label beside them, or a single file.</summary>
/// <param name="shape">Shape of the model's inputs.</param>
/// <param name="isInk">
/// Whether the model was trained on bright ink on a dark ground, as the built-in datasets of characters and digits have it: then an image with a bright border, such as black ink on paper, is
/// inverted.
/// </param>
/// <param name="background">The colour that shows through where images are transparent, of the form <see cref="Backdrop.Form"/>.</param>
internal sealed class ImageExamples(ImageShape shape, bool isInk, string background = Backdrop.White) : IExampleReader
{
    private readonly ImageReader _reader = new(Backdrop.Parse(background)!.Value);

    /// <inheritdoc />
    public ExampleKind Kind => ExampleKind.Image;

    /// <inheritdoc />
    public GivenExamples Read(string path)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full))
        {
            return new GivenExamples([Read(Path.GetFileName(full), null, full)], []);
        }

        DataPath.RequireFolder("image", path, $"a folder with images ({ImageFiles.Endings}) in a folder for each label, or an image");
        ImageFiles files = new(full);
        files.Skip(DataPath.List(full).OfType<FileInfo>().Where(file => !ImageFiles.IsImage(file)));
        ImmutableArray<GivenExample> examples =
        [
            .. DataPath.List(full).OfType<FileInfo>().Where(ImageFiles.IsImage).Select(file => Read(file.Name, null, file.FullName)),
            .. ImageFiles.Folders(full).Select(folder => files.Class(folder, null)).SelectMany(item => item.Files.Select(file => Read(file.Name, item.Name, file.Path))),
        ];
        return examples.Length > 0 ? new GivenExamples(examples, [.. files.Notices()])
            : throw new DataException($"{path} holds no images: put {ImageFiles.Endings} files into it");
    }

    /// <inheritdoc />
    public GivenExample Read(string name, string? label, ExampleContent content) => content is ExampleContent.Image image
        ? new GivenExample(name, label, Input(name, image.File.ToArray()), [])
        : throw new DataException($"{name} is no image, but the model reads images of {shape}: give a PNG or JPEG file");

    private GivenExample Read(string name, string? label, string path) => new(name, label, Input(path, DataPath.ReadAll(path)), []);

    private float[] Input(string name, byte[] file)
    {
        byte[] pixels = _reader.Read(name, file, shape);
        bool isInverted = isInk && BorderOf(pixels) > 127.5;
        return [.. pixels.Select(pixel => (isInverted ? 255 - pixel : pixel) / 255f)];
    }

    private double BorderOf(byte[] pixels) => Enumerable.Range(0, pixels.Length)
        .Where(i => i % shape.Width == 0 || i % shape.Width == shape.Width - 1 || i / shape.Width % shape.Height == 0 || i / shape.Width % shape.Height == shape.Height - 1)
        .Average(i => pixels[i]);
}
