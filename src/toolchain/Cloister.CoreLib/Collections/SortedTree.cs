namespace System.Collections.Generic;

/// <summary>A balanced binary search tree (G. Adelson-Velsky, E. Landis, 1962), below the sorted collections.</summary>
internal sealed class SortedTree<T>(IComparer<T> comparer)
{
    internal sealed class Node(T value)
    {
        public T Value = value;
        public int Height = 1;
        public Node? Left;
        public Node? Right;
    }

    private Node? _root;
    private bool _changed;

    public IComparer<T> Comparer { get; } = comparer;

    public int Count { get; private set; }

    public int Version { get; private set; }

    public Node? Root => _root;

    public Node? Find(T value)
    {
        for (Node? node = _root; node is not null;)
        {
            int order = Comparer.Compare(value, node.Value);
            if (order == 0)
                return node;
            node = order < 0 ? node.Left : node.Right;
        }

        return null;
    }

    public bool Add(T value)
    {
        _changed = false;
        _root = Insert(_root, value);
        if (_changed)
        {
            Count++;
            Version++;
        }

        return _changed;
    }

    public bool Remove(T value)
    {
        _changed = false;
        _root = Delete(_root, value);
        if (_changed)
        {
            Count--;
            Version++;
        }

        return _changed;
    }

    public void Clear()
    {
        _root = null;
        Count = 0;
        Version++;
    }

    public void Touch() => Version++;

    private Node Insert(Node? node, T value)
    {
        if (node is null)
        {
            _changed = true;
            return new Node(value);
        }

        int order = Comparer.Compare(value, node.Value);
        if (order == 0)
            return node;
        if (order < 0)
            node.Left = Insert(node.Left, value);
        else
            node.Right = Insert(node.Right, value);
        return Balance(node);
    }

    private Node? Delete(Node? node, T value)
    {
        if (node is null)
            return null;
        int order = Comparer.Compare(value, node.Value);
        if (order < 0)
            node.Left = Delete(node.Left, value);
        else if (order > 0)
            node.Right = Delete(node.Right, value);
        else
        {
            _changed = true;
            if (node.Left is null || node.Right is null)
                return node.Left ?? node.Right;
            Node next = node.Right;
            while (next.Left is not null)
                next = next.Left;
            node.Right = WithoutFirst(node.Right);
            next.Left = node.Left;
            next.Right = node.Right;
            node = next;
        }

        return Balance(node);
    }

    private static Node? WithoutFirst(Node node)
    {
        if (node.Left is null)
            return node.Right;
        node.Left = WithoutFirst(node.Left);
        return Balance(node);
    }

    private static int Height(Node? node) => node?.Height ?? 0;

    private static Node Balance(Node node)
    {
        int lean = Height(node.Left) - Height(node.Right);
        if (lean > 1)
        {
            if (Height(node.Left!.Left) < Height(node.Left.Right))
                node.Left = RotateLeft(node.Left);
            return RotateRight(node);
        }

        if (lean < -1)
        {
            if (Height(node.Right!.Right) < Height(node.Right.Left))
                node.Right = RotateRight(node.Right);
            return RotateLeft(node);
        }

        node.Height = Math.Max(Height(node.Left), Height(node.Right)) + 1;
        return node;
    }

    private static Node RotateLeft(Node node)
    {
        Node top = node.Right!;
        node.Right = top.Left;
        top.Left = node;
        node.Height = Math.Max(Height(node.Left), Height(node.Right)) + 1;
        top.Height = Math.Max(Height(top.Left), Height(top.Right)) + 1;
        return top;
    }

    private static Node RotateRight(Node node)
    {
        Node top = node.Left!;
        node.Left = top.Right;
        top.Right = node;
        node.Height = Math.Max(Height(node.Left), Height(node.Right)) + 1;
        top.Height = Math.Max(Height(top.Left), Height(top.Right)) + 1;
        return top;
    }

    /// <summary>Walks the values in order, or in the opposite order.</summary>
    internal struct Walk
    {
        private readonly SortedTree<T> _tree;
        private readonly bool _backwards;
        private readonly int _version;
        private readonly Stack<Node> _path = new();

        public Walk(SortedTree<T> tree, bool backwards = false)
        {
            _tree = tree;
            _backwards = backwards;
            _version = tree.Version;
            Descend(tree._root);
        }

        public Node? Current { get; private set; }

        private readonly void Descend(Node? node)
        {
            for (; node is not null; node = _backwards ? node.Right : node.Left)
                _path.Push(node);
        }

        public readonly void CheckVersion()
        {
            if (_version != _tree.Version)
                throw Bounds.ModifiedSince();
        }

        public bool MoveNext()
        {
            CheckVersion();
            if (!_path.TryPop(out Node? node))
            {
                Current = null;
                return false;
            }

            Current = node;
            Descend(_backwards ? node.Left : node.Right);
            return true;
        }
    }
}
