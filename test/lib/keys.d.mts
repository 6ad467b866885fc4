export function makeKey(comment: string): { readonly private: string; readonly public: string };
